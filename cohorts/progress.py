"""How far people have come with one cohort. Each member stands in one place: the furthest.

The same ladder as that of the figures which the database keeps (migration 0009).
"""

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from cohorts.enums import ModeState


class Progress(TextChoices):
    VERIFIED = "verified", _("verified")
    SWITCHED = "switched", _("switched")
    BLOCKED = "blocked", _("blocked")
    DEFERRED = "deferred", _("deferred")
    TOLD = "told", _("told")
    PLANNED = "planned", _("planned")


_REACHED = {
    Progress.VERIFIED: Q(mode_state=ModeState.VERIFIED),
    Progress.SWITCHED: Q(switched_at__isnull=False),
    Progress.BLOCKED: Q(blocked_since__isnull=False),
    Progress.DEFERRED: Q(deferred_from__isnull=False),
    Progress.TOLD: Q(told_at__isnull=False),
    Progress.PLANNED: Q(),
}


def standing_at(place: Progress) -> Q:
    """Memberships that stand at ``place``: it is reached and none before it is."""
    found = _REACHED[place]
    for further in Progress:
        if further == place:
            break
        found &= ~_REACHED[further]
    return found
