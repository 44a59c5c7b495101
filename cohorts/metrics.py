"""The figures this room gives to goals and steps: who has switched, and who is seen upgraded."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from django.db.models import Case, Count, IntegerField, Q, QuerySet, When
from django.utils.translation import gettext_lazy as _

from cohorts.enums import ModeState, ParticipantStatus
from cohorts.models import Membership
from cohorts.modes.counting import counting
from cohorts.queries.cohorts import first_wave
from cohorts.queries.shares import Share, kept_switched, kept_verified
from projects.metrics import Params, Reading
from projects.models import Project

SWITCHED_FORMULA = _("People who have switched with their cohort, of all active people in cohorts.")


def switched(project: Project, params: Params, at: datetime) -> Reading | None:
    """Percent; ``cohort_kind`` in ``params`` looks at pilots or waves alone, ``waves: first`` at
    the first wave.

    A person in the pilot and in a wave is one person, switched with the first of the two. None
    while no cohort has people. Cut, not rounded: 99.996 % must not meet a target of 100.
    """
    found = kept_switched(project, params, at) or count_switched(project, params, at)
    return _share(found.part, found.people)


def count_switched(project: Project, params: Params, at: datetime) -> Share:
    rows = Membership.objects.filter(
        cohort__project=project, participant__status=ParticipantStatus.ACTIVE
    )
    if kind := params.get("cohort_kind"):
        rows = rows.filter(kind=kind)
    if params.get("waves") == "first":
        rows = rows.filter(cohort__in=first_wave(project))
    found = rows.aggregate(
        people=Count("participant", distinct=True),
        switched=Count("participant", distinct=True, filter=Q(switched_at__lte=at)),
    )
    return Share(found["switched"], found["people"])


VERIFIED_FORMULA = _(
    "People seen in the mode their cohort is to have, of all active people in cohorts."
)


def verified(project: Project, params: Params, at: datetime) -> Reading | None:
    """Percent; ``cohort_kind`` in ``params`` looks at pilots or waves alone.

    Of a person's two cohorts the one that counts at ``at`` decides. None while all are empty.
    """
    found = kept_verified(project, params, at) or count_verified(project, params, at)
    return _share(found.part, found.people)


def count_verified(project: Project, params: Params, at: datetime) -> Share:
    rows = Membership.objects.filter(
        cohort__project=project, participant__status=ParticipantStatus.ACTIVE
    )
    if kind := params.get("cohort_kind"):
        rows = rows.filter(kind=kind)
    counts = Q(mode_state=ModeState.VERIFIED, observed_at__lte=at)
    found = Membership.objects.filter(pk__in=_counting(project, rows, at)).aggregate(
        people=Count("pk"), verified=Count("pk", filter=counts)
    )
    return Share(found["verified"], found["people"])


def _counting(
    project: Project, rows: "QuerySet[Membership]", at: datetime
) -> "QuerySet[Membership, int]":
    """The ids of one membership a person: that of the cohort that counts."""
    ranks = [When(cohort=one.cohort, then=one.rank) for one in counting(project.cohorts.all(), at)]
    order = Case(*ranks, default=len(ranks), output_field=IntegerField())
    rows = rows.order_by("participant_id", order).distinct("participant_id")
    return rows.values_list("pk", flat=True)


def _share(part: int, people: int) -> Reading | None:
    if not people:
        return None
    share = Decimal(100 * part) / people
    return Reading(share.quantize(Decimal("0.01"), rounding=ROUND_DOWN), n=people)
