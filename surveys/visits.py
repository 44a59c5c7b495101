"""A visit to a survey: what the personal link is exchanged for.

A cookie signed under a salt of its own, one for each survey, sent only to that survey's address.
It holds no secret that opens anything elsewhere, and the address in the browser holds none at all.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from common.links import Link

PURPOSE = "survey"
SALT = "surveys.visit"
COOKIE_AGE = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Visit:
    link: Link
    begun_at: datetime

    @property
    def mark(self) -> str:
        """Ties a form to the person it was shown to: on a shared computer a second link replaces
        the cookie, and the first person's answers must not be sent as the second's."""
        value = f"{self.link.public_id}:{self.link.generation}"
        return salted_hmac(f"{SALT}.mark", value, algorithm="sha256").hexdigest()[:24]

    def is_marked(self, mark: str) -> bool:
        return constant_time_compare(self.mark, mark)


def begin(response: HttpResponse, survey_pk: int, link: Link, at: datetime) -> None:
    """Set the cookie on ``response``."""
    response.set_signed_cookie(
        _name(survey_pk),
        f"{link.public_id.hex}.{link.generation}.{int(at.timestamp())}",
        salt=SALT,
        max_age=COOKIE_AGE,
        path=reverse("survey:answer", args=[survey_pk]),
        secure=not settings.DEVELOPMENT,
        httponly=True,
        samesite="Lax",
    )


def read(request: HttpRequest, survey_pk: int) -> Visit | None:
    """The visit of this browser to this survey; None without a genuine cookie."""
    value = request.get_signed_cookie(_name(survey_pk), default=None, salt=SALT, max_age=COOKIE_AGE)
    if value is None:
        return None
    public_id, generation, begun = value.split(".")
    return Visit(
        link=Link(public_id=UUID(hex=public_id), generation=int(generation)),
        begun_at=datetime.fromtimestamp(int(begun), tz=UTC),
    )


def _name(survey_pk: int) -> str:
    return f"survey-{survey_pk}"
