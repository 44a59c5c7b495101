"""Cohorts with the people in them, and the people of a project. Nobody is counted here: ``counts``
reads what the database keeps."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from cohorts.enums import CohortKind
from cohorts.models import Cohort
from cohorts.queries.counts import (
    PeopleCounts,
    PeopleFigures,
    counts_by_cohort,
    figures_by_project,
)
from projects.models import Project


@dataclass(frozen=True, slots=True)
class CohortRow:
    """``rules``: how many of them fill it."""

    cohort: Cohort
    counts: PeopleCounts
    rules: int = 0

    @property
    def is_full(self) -> bool:
        return self.cohort.capacity is not None and self.counts.people >= self.cohort.capacity


def cohort_rows(project: Project) -> tuple[CohortRow, ...]:
    """All cohorts of ``project`` by position, also those without people. Two queries."""
    counts = counts_by_cohort([project.pk])
    cohorts = project.cohorts.select_related("owner").annotate(
        own_rules=Count("rules", filter=Q(rules__is_on=True))
    )
    # Said aloud, because Django drops a model's own ordering from a GROUP BY.
    return tuple(
        CohortRow(cohort, counts.get(cohort.pk, PeopleCounts()), cohort.own_rules)
        for cohort in cohorts.order_by("position", "pk")
    )


def people_figures(project: Project) -> PeopleFigures:
    return figures_by_project([project.pk]).get(project.pk, PeopleFigures())


def people_without_cohort(project: Project) -> int:
    """How many active people are in no cohort yet: nobody tells them anything."""
    return people_figures(project).without_cohort


def first_wave(project: Project) -> "QuerySet[Cohort, Any]":
    """The first wave by position, to stand inside another query; nothing where there is none."""
    waves = project.cohorts.filter(kind=CohortKind.WAVE)
    return waves.order_by("position", "pk").values("pk")[:1]
