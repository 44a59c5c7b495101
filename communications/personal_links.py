"""The link by which somebody stops mails that are not mandatory: signed, derived, never stored.

It names the delivery, so it works for participants, stakeholders and accounts alike.
"""

from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from common import links
from common.visits import VisitCookie

PURPOSE = "unsubscribe"
SALT = "communications.unsubscribe"
UNSUBSCRIBE = "unsubscribe_link"  # the placeholder in the mail's own last line
GENERATION = 1
ANY = "any-token"


def unsubscribe_address(message_id: UUID) -> str:
    """Absolute, for mails. Never log it or show it to others."""
    token = links.token(PURPOSE, message_id, GENERATION)
    return settings.SITE_URL + _enter().replace(ANY, token)


@lru_cache(maxsize=1)
def _enter() -> str:
    """The page with ANY for the token: looking a page up takes longer than signing a link."""
    return reverse("unsubscribe:enter", args=[ANY])


def sample_address() -> str:
    """The same for previews; it opens nothing."""
    return f"{settings.SITE_URL}{reverse('unsubscribe:enter', args=['preview'])}"


def one_click(address: str) -> tuple[tuple[str, str], ...]:
    """The headers of RFC 8058, with which mail programs show a button of their own."""
    return (
        ("List-Unsubscribe", f"<{address}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )


def read_token(token: str) -> UUID | None:
    """The delivery's Message-ID; None for a token that we did not sign for this."""
    link = links.read(PURPOSE, token)
    return link.public_id if link is not None and link.generation == GENERATION else None


def visit_cookie() -> VisitCookie:
    """Sent to the page of unsubscribing alone."""
    return VisitCookie(name="unsubscribe", salt=SALT, path=reverse("unsubscribe:page"))
