"""The figure this room gives to goals and steps: how many people have switched."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from cohorts.enums import ParticipantStatus
from cohorts.models import Membership
from projects.metrics import Params, Reading
from projects.models import Project

SWITCHED_FORMULA = _("People who have switched with their cohort, of all active people in cohorts.")


def switched(project: Project, params: Params, at: datetime) -> Reading | None:
    """Percent; ``cohort_kind`` in ``params`` looks at pilots or waves alone.

    A person in the pilot and in a wave is one person, switched with the first of the two. None
    while no cohort has people. Cut, not rounded: 99.996 % must not meet a target of 100.
    """
    rows = Membership.objects.filter(
        cohort__project=project, participant__status=ParticipantStatus.ACTIVE
    )
    if kind := params.get("cohort_kind"):
        rows = rows.filter(kind=kind)
    found = rows.aggregate(
        people=Count("participant", distinct=True),
        switched=Count("participant", distinct=True, filter=Q(switched_at__lte=at)),
    )
    if not found["people"]:
        return None
    share = Decimal(100 * found["switched"]) / found["people"]
    return Reading(share.quantize(Decimal("0.01"), rounding=ROUND_DOWN), n=found["people"])
