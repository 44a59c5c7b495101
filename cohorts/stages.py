"""How far people have come with one cohort. Each member stands in one stage: the furthest.

The same ladder as that of the figures which the database keeps (migration 0009).
"""

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from cohorts.enums import ModeState


class Stage(TextChoices):
    VERIFIED = "verified", _("verified")
    SWITCHED = "switched", _("switched")
    BLOCKED = "blocked", _("blocked")
    DEFERRED = "deferred", _("deferred")
    TOLD = "told", _("told")
    PLANNED = "planned", _("planned")


_REACHED = {
    Stage.VERIFIED: Q(mode_state=ModeState.VERIFIED),
    Stage.SWITCHED: Q(switched_at__isnull=False),
    Stage.BLOCKED: Q(blocked_since__isnull=False),
    Stage.DEFERRED: Q(deferred_from__isnull=False),
    Stage.TOLD: Q(told_at__isnull=False),
    Stage.PLANNED: Q(),
}


def standing_in(stage: Stage) -> Q:
    """Memberships that stand in ``stage``: it is reached and none before it is."""
    found = _REACHED[stage]
    for further in Stage:
        if further == stage:
            break
        found &= ~_REACHED[further]
    return found
