"""Which cohort counts for a person who is in the pilot and in a wave: its target is theirs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from common.dates import local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Of a person's cohorts the one with the lowest ``rank`` counts.

    ``is_due``: its switch date, in its own zone, is reached.
    """

    cohort: int
    rank: int
    is_due: bool
    is_cancelled: bool
    target: str


def counting(cohorts: Iterable[Cohort], at: datetime) -> tuple[Counting, ...]:
    """The latest switch that is not after today comes first, else the earliest; cancelled last."""

    def is_due(cohort: Cohort) -> bool:
        return cohort.switch_on <= local_day(at, cohort.timezone)

    def order(cohort: Cohort) -> tuple[int, int, int]:
        day = cohort.switch_on.toordinal()
        if cohort.status == CohortStatus.CANCELLED:
            return (2, day, cohort.pk)
        return (0, -day, cohort.pk) if is_due(cohort) else (1, day, cohort.pk)

    return tuple(
        Counting(
            cohort=cohort.pk,
            rank=rank,
            is_due=is_due(cohort),
            is_cancelled=cohort.status == CohortStatus.CANCELLED,
            target=cohort.to_mode,
        )
        for rank, cohort in enumerate(sorted(cohorts, key=order))
    )
