"""A visit: what a personal link is exchanged for, so that the browser's address holds no secret.

A cookie signed under a salt of its own for each purpose, sent only to the address it is for. It
opens nothing elsewhere. Whether the row behind it still counts is the caller's question.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from common.links import Link

COOKIE_AGE = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Visit:
    link: Link
    begun_at: datetime
    salt: str

    @property
    def mark(self) -> str:
        """Ties a form to the person it was shown to: on a shared computer a second link replaces
        the cookie, and the first person's form must not be sent as the second's."""
        value = f"{self.link.public_id}:{self.link.generation}"
        return salted_hmac(f"{self.salt}.mark", value, algorithm="sha256").hexdigest()[:24]

    def is_marked(self, mark: str) -> bool:
        return constant_time_compare(self.mark, mark)


@dataclass(frozen=True, slots=True)
class VisitCookie:
    """``path`` is all that the cookie is sent to; ``salt`` keeps one purpose from another."""

    name: str
    salt: str
    path: str

    def begin(self, response: HttpResponse, link: Link, at: datetime) -> None:
        """Set the cookie on ``response``."""
        response.set_signed_cookie(
            self.name,
            f"{link.public_id.hex}.{link.generation}.{int(at.timestamp())}",
            salt=self.salt,
            max_age=COOKIE_AGE,
            path=self.path,
            secure=not settings.DEVELOPMENT,
            httponly=True,
            samesite="Lax",
        )

    def read(self, request: HttpRequest) -> Visit | None:
        """The visit of this browser; None without a genuine cookie."""
        value = request.get_signed_cookie(
            self.name, default=None, salt=self.salt, max_age=COOKIE_AGE
        )
        if value is None:
            return None
        public_id, generation, begun = value.split(".")
        return Visit(
            link=Link(public_id=UUID(hex=public_id), generation=int(generation)),
            begun_at=datetime.fromtimestamp(int(begun), tz=UTC),
            salt=self.salt,
        )
