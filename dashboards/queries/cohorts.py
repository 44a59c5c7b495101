"""Cohorts with their people, told, answered and switched. Three queries, whatever the size."""

from dataclasses import dataclass

from cohorts.models import Cohort
from cohorts.queries.cohorts import CohortRow, cohort_rows
from communications.queries.told import Told, told_by_cohort
from projects.models import Project
from surveys.queries.numbers import answered_by_cohort


@dataclass(frozen=True, slots=True)
class CohortFigures:
    """Numbers of active people. ``told``: at least one of the cohort's mails was sent to them.

    ``verified`` are seen in the cohort's mode, ``switched_only`` switched and not seen there yet,
    ``told_only`` told and neither: with ``planned_only`` they add up to the people.
    """

    cohort: Cohort
    people: int
    told: int
    told_only: int
    switched: int
    switched_only: int
    verified: int
    drift: int
    answered: int

    @property
    def planned_only(self) -> int:
        return self.people - self.told_only - self.switched_only - self.verified


def cohort_figures(project: Project) -> tuple[CohortFigures, ...]:
    """Every cohort of the project in its order."""
    told = told_by_cohort(project)
    answered = answered_by_cohort(project)
    return tuple(
        _figures(
            row,
            told.get(row.cohort.pk, Told()),
            answered[row.cohort.pk].answered if row.cohort.pk in answered else 0,
        )
        for row in cohort_rows(project)
    )


def _figures(row: CohortRow, told: Told, answered: int) -> CohortFigures:
    return CohortFigures(
        cohort=row.cohort,
        people=row.people,
        told=told.people,
        told_only=told.only,
        switched=row.switched,
        switched_only=row.switched_only,
        verified=row.verified,
        drift=row.drift,
        answered=answered,
    )
