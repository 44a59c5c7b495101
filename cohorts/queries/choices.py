"""The dates that a person may choose instead of theirs, with the places that are left."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from cohorts.booking import may_choose, may_leave
from cohorts.enums import CohortStatus, ParticipantStatus
from cohorts.models import Cohort, Membership


@dataclass(frozen=True, slots=True)
class Choice:
    """``places`` is what was left a moment ago; None where the cohort takes everybody."""

    cohort: Cohort
    places: int | None


def choices_instead_of(left: Cohort, at: datetime) -> tuple[Choice, ...]:
    """Cohorts with a place that somebody in ``left`` may choose at ``at``, the next one first.

    Empty after the cut-off of ``left`` itself. Two statements at most.
    """
    if not may_leave(left, at):
        return ()
    rows = Cohort.objects.filter(
        project=left.project_id, kind=left.kind, status=CohortStatus.PLANNED, is_bookable=True
    ).exclude(pk=left.pk)
    offered = [cohort for cohort in rows if may_choose(cohort, at)]
    offered.sort(key=lambda cohort: (cohort.switch_on, cohort.switch_time, cohort.pk))
    left_over = places_left(offered)
    choices = (Choice(cohort, left_over.get(cohort.pk)) for cohort in offered)
    return tuple(choice for choice in choices if choice.places is None or choice.places > 0)


def places_left(cohorts: list[Cohort]) -> dict[int, int]:
    """{cohort id: places without an active member} of those whose places are counted."""
    counted = {cohort.pk: cohort.capacity for cohort in cohorts if cohort.capacity is not None}
    if not counted:
        return {}
    members = (
        Membership.objects.filter(
            cohort__in=list(counted), participant__status=ParticipantStatus.ACTIVE
        )
        .order_by()
        .values_list("cohort")
        .annotate(n=Count("pk"))
    )
    taken = dict(members)
    return {pk: max(0, capacity - taken.get(pk, 0)) for pk, capacity in counted.items()}
