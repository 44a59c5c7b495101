"""Every cohort the reader may see with its people by stage, over all their projects.

A fixed number of queries whatever the number of projects, cohorts and people: people are not
counted, see ``cohorts.queries.counts``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from itertools import groupby

from django.db.models import Min, QuerySet

from accounts.models import User
from cohorts.enums import CohortKind, CohortStatus
from cohorts.models import Cohort
from cohorts.queries.counts import (
    PeopleCounts,
    PeopleFigures,
    counts_by_cohort,
    figures_by_project,
)
from projects.models import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFilter:
    """What the board's address says; empty means "all". ``month``: the first day of one."""

    project: Project | None = None
    kind: CohortKind | None = None
    status: CohortStatus | None = None
    month: date | None = None


@dataclass(frozen=True, slots=True)
class BoardRow:
    cohort: Cohort
    counts: PeopleCounts


@dataclass(frozen=True)
class BoardGroup:
    """The cohorts of one project that the filter asks for.

    ``figures`` counts each person of the project once; a person in a pilot and in a wave is in two
    rows.
    """

    project: Project
    figures: PeopleFigures
    rows: Sequence[BoardRow]

    @cached_property
    def total(self) -> PeopleCounts:
        return total_of(row.counts for row in self.rows)


@dataclass(frozen=True)
class Board:
    groups: Sequence[BoardGroup]

    @cached_property
    def rows(self) -> Sequence[BoardRow]:
        return tuple(row for group in self.groups for row in group.rows)

    @cached_property
    def total(self) -> PeopleCounts:
        return total_of(row.counts for row in self.rows)


def board_projects(user: User) -> "QuerySet[Project]":
    """The projects whose cohorts the reader may see."""
    return Project.objects.visible_to(user).order_by("name", "pk")


def months_of(projects: "QuerySet[Project] | Sequence[Project]") -> Sequence[date]:
    """First days of the months in which a cohort of ``projects`` switches. One query."""
    days = Cohort.objects.filter(project__in=projects).order_by()
    rows = days.values("switch_on__year", "switch_on__month").annotate(first=Min("switch_on"))
    return sorted(row["first"].replace(day=1) for row in rows)


def board(projects: Sequence[Project], wanted: BoardFilter) -> Board:
    """Projects in their order, cohorts by position; projects without such cohorts are left out.

    Three queries.
    """
    if wanted.project is not None:
        projects = [wanted.project]
    ids = [project.pk for project in projects]
    by_project = dict(_by_project(_cohorts(ids, wanted)))
    shown = [project for project in projects if project.pk in by_project]
    counts = counts_by_cohort([project.pk for project in shown])
    figures = figures_by_project([project.pk for project in shown])
    return Board(
        tuple(
            BoardGroup(
                project,
                figures.get(project.pk, PeopleFigures()),
                tuple(
                    BoardRow(cohort, counts.get(cohort.pk, PeopleCounts()))
                    for cohort in by_project[project.pk]
                ),
            )
            for project in shown
        )
    )


def total_of(counts: "Iterator[PeopleCounts]") -> PeopleCounts:
    """The sum of rows. Who stands in two rows counts twice, as there."""
    rows = tuple(counts)
    names = [field.name for field in fields(PeopleCounts)]
    return PeopleCounts(**{name: sum(getattr(row, name) for row in rows) for name in names})


def _cohorts(ids: Sequence[int], wanted: BoardFilter) -> "QuerySet[Cohort]":
    cohorts = Cohort.objects.filter(project__in=ids)
    if wanted.kind is not None:
        cohorts = cohorts.filter(kind=wanted.kind)
    if wanted.status is not None:
        cohorts = cohorts.filter(status=wanted.status)
    if wanted.month is not None:
        month = wanted.month
        cohorts = cohorts.filter(switch_on__year=month.year, switch_on__month=month.month)
    return cohorts.order_by("project_id", "position", "pk")


def _by_project(cohorts: "QuerySet[Cohort]") -> Iterator[tuple[int, list[Cohort]]]:
    for project, rows in groupby(cohorts, key=lambda cohort: cohort.project_id):
        yield project, list(rows)
