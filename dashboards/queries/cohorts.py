"""Cohorts with their people by state, and how many have answered. Three queries."""

from dataclasses import dataclass

from cohorts.models import Cohort
from cohorts.queries.cohorts import cohort_rows
from cohorts.queries.counts import PeopleCounts
from projects.models import Project
from surveys.queries.numbers import answered_by_cohort


@dataclass(frozen=True, slots=True)
class CohortFigures:
    """One cohort: ``counts`` of active people (see there how the states add up), and answers."""

    cohort: Cohort
    counts: PeopleCounts
    answered: int = 0

    @property
    def people(self) -> int:
        return self.counts.people


def cohort_figures(project: Project) -> tuple[CohortFigures, ...]:
    """Every cohort of the project in its order."""
    answered = answered_by_cohort(project)
    return tuple(
        CohortFigures(
            row.cohort,
            row.counts,
            answered[row.cohort.pk].answered if row.cohort.pk in answered else 0,
        )
        for row in cohort_rows(project)
    )
