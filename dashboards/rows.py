"""Cohorts as rows with a bar of their people, all bars to one scale. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboards.charts.bars import Count, PeopleBar, people_bar
from dashboards.queries.cohorts import CohortFigures


@dataclass(frozen=True, slots=True)
class CohortRow:
    figures: CohortFigures
    bar: PeopleBar


def cohort_rows(cohorts: Sequence[CohortFigures]) -> tuple[CohortRow, ...]:
    """Each person stands in exactly one state, so a row adds up."""
    scale = max((row.people for row in cohorts), default=0)
    return tuple(CohortRow(row, bar_of(row, scale)) for row in cohorts)


def bar_of(row: CohortFigures, scale: int = 0) -> PeopleBar:
    """``scale`` is the people of the widest row; 0 fills the width."""
    counts = (
        Count("verified", _("verified"), row.counts.verified),
        Count("switched", _("switched"), row.counts.switched_only),
        Count("blocked", _("blocked"), row.counts.blocked_only),
        Count("deferred", _("deferred"), row.counts.deferred_only),
        Count("told", _("told"), row.counts.told_only),
        Count("planned", _("planned"), row.counts.planned_only),
    )
    return people_bar(counts, scale=scale)
