"""The dates that a person may choose instead of theirs, with the places that are left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cohorts.booking import may_choose, may_leave
from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from cohorts.queries.counts import counts_by_cohort


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


def places_left(cohorts: Sequence[Cohort]) -> dict[int, int]:
    """{cohort id: places without an active member} of those whose places are counted. One query,
    which counts nobody."""
    counted = {cohort.pk: cohort.capacity for cohort in cohorts if cohort.capacity is not None}
    if not counted:
        return {}
    taken = counts_by_cohort({cohort.project_id for cohort in cohorts})
    return {
        pk: max(0, capacity - (taken[pk].people if pk in taken else 0))
        for pk, capacity in counted.items()
    }
