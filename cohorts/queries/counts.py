"""Figures of people out of the rows that the database's triggers keep; people are never counted.

Exact in every snapshot: a figure is the sum of its rows. The same time for a hundred people as for
a million, and one query for any number of projects.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from cohorts.models import CohortCount, HourCount, PairCount
from projects.models import Project

Projects = Iterable[int] | QuerySet[Project, Any]


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """Active people of one cohort; whoever left is counted nowhere.

    ``verified``, ``switched_only``, ``blocked_only``, ``deferred_only``, ``told_only`` and
    ``planned_only`` add up to ``people``: each person stands in the furthest state they reached.
    ``deferred`` and ``blocked`` are all who are so and not verified, wherever they stand.
    """

    people: int = 0
    told: int = 0
    switched: int = 0
    verified: int = 0
    granted: int = 0
    drift: int = 0
    failed: int = 0
    not_applicable: int = 0
    deferred: int = 0
    blocked: int = 0
    switched_only: int = 0
    blocked_only: int = 0
    deferred_only: int = 0
    told_only: int = 0
    white_glove: int = 0
    without_address: int = 0

    @property
    def waiting(self) -> int:
        known = self.verified + self.granted + self.drift + self.failed + self.not_applicable
        return self.people - known

    @property
    def planned_only(self) -> int:
        ahead = self.blocked_only + self.deferred_only + self.told_only
        return self.people - self.verified - self.switched_only - ahead


NAMES = tuple(field.name for field in fields(PeopleCounts))


@dataclass(frozen=True, slots=True)
class PeopleFigures:
    """Active people of a project, each counted once, though who is in the pilot may be in a wave.

    ``switched``: with any of their cohorts.
    """

    people: int = 0
    in_cohorts: int = 0
    switched: int = 0
    white_glove: int = 0
    without_address: int = 0

    @property
    def without_cohort(self) -> int:
        return self.people - self.in_cohorts


@dataclass(frozen=True, slots=True)
class Pair:
    """Active people who are in both cohorts. ``switched``: with both."""

    pilot: int
    wave: int
    people: int
    switched: int
    pilot_verified: int
    wave_verified: int


@dataclass(frozen=True, slots=True)
class Hour:
    """People who switched, and who were seen in their mode, in the hour from ``hour`` on (UTC)."""

    hour: datetime
    switched: int
    verified: int


def counts_by_cohort(projects: Projects) -> Mapping[int, PeopleCounts]:
    """{cohort id: PeopleCounts}; cohorts that never had people are missing. One query."""
    rows = (
        CohortCount.objects.filter(project__in=_ids(projects), cohort__isnull=False)
        .order_by()
        .values_list("cohort_id")
        .annotate(*(Sum(name) for name in NAMES))
    )
    return {cohort: PeopleCounts(*numbers) for cohort, *numbers in rows}


def figures_by_project(projects: Projects) -> Mapping[int, PeopleFigures]:
    """{project id: PeopleFigures}; projects that never had people are missing. One query."""
    of_project, of_cohorts = Q(cohort__isnull=True), Q(cohort__isnull=False)
    rows = (
        CohortCount.objects.filter(project__in=_ids(projects))
        .order_by()
        .values("project_id")
        .annotate(
            people_=_sum("people", of_project),
            in_cohorts_=_sum("people", of_cohorts) - _pairs("people"),
            switched_=_sum("switched", of_cohorts) - _pairs("switched"),
            white_glove_=_sum("white_glove", of_project),
            without_address_=_sum("without_address", of_project),
        )
    )
    return {
        row["project_id"]: PeopleFigures(
            people=row["people_"],
            in_cohorts=row["in_cohorts_"],
            switched=row["switched_"],
            white_glove=row["white_glove_"],
            without_address=row["without_address_"],
        )
        for row in rows
    }


def pairs_of(project: Project) -> Sequence[Pair]:
    """Every pilot and wave that have people in common. One query."""
    rows = (
        PairCount.objects.filter(project=project)
        .order_by()
        .values_list("pilot_id", "wave_id")
        .annotate(Sum("people"), Sum("switched"), Sum("pilot_verified"), Sum("wave_verified"))
    )
    return tuple(Pair(*row) for row in rows if row[2])


def hours_of(project: Project) -> Sequence[Hour]:
    """When people switched and were seen, oldest hour first; each counts once. One query."""
    rows = (
        HourCount.objects.filter(project=project)
        .order_by("hour")
        .values_list("hour")
        .annotate(Sum("switched"), Sum("verified"))
    )
    return tuple(Hour(*row) for row in rows if row[1] or row[2])


def hours_by_cohort(project: Project) -> Mapping[int, Sequence[Hour]]:
    """{cohort id: its hours, oldest first}. One query."""
    rows = (
        HourCount.objects.filter(project=project, cohort__isnull=False)
        .order_by("hour")
        .values_list("cohort_id", "hour")
        .annotate(Sum("switched"), Sum("verified"))
    )
    found: dict[int, list[Hour]] = {}
    for cohort, *hour in rows:
        if hour[1] or hour[2]:
            found.setdefault(cohort, []).append(Hour(*hour))
    return found


def _ids(projects: Projects) -> Any:
    if isinstance(projects, QuerySet):
        return projects.order_by().values("pk")
    return list(projects)


def _sum(name: str, only: Q) -> Any:
    return Coalesce(Sum(F(name), filter=only), Value(0), output_field=IntegerField())


def _pairs(name: str) -> Any:
    rows = PairCount.objects.filter(project=OuterRef("project_id")).order_by().values("project_id")
    total = rows.annotate(total=Sum(name)).values("total")
    return Coalesce(Subquery(total), Value(0), output_field=IntegerField())
