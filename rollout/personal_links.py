"""The personal link to a participant's own page, and the cookie it is exchanged for.

Derived from the participant's public id and generation, never stored: see ``common.links``.
"""

from uuid import UUID

from django.conf import settings
from django.urls import reverse

from common import links
from common.visits import VisitCookie

PURPOSE = "my-upgrade"
SALT = "rollout.my-upgrade"


def my_upgrade_address(public_id: UUID, generation: int) -> str:
    """Absolute, for mails. It opens the person's page: never log it or show it to others."""
    token = links.token(PURPOSE, public_id, generation)
    return f"{settings.SITE_URL}{reverse('my_upgrade:enter', args=[token])}"


def visit_cookie() -> VisitCookie:
    """Sent to the person's own pages alone."""
    return VisitCookie(name="my-upgrade", salt=SALT, path=reverse("my_upgrade:home"))
