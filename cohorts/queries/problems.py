"""What stands in people’s way: a project’s list, key-set paged, and how many block a switch."""

from dataclasses import dataclass

from django.db.models import Case, Q, QuerySet, When

from cohorts.enums import ParticipantStatus, ProblemStatus
from cohorts.models import Cohort, Problem
from projects.models import Project

PAGE = 50
BLOCKING = "blocking"


@dataclass(frozen=True, slots=True)
class ProblemFilter:
    """Empty means all; ``blocking`` as a status are the open ones that block a switch."""

    status: str = ""
    cohort: Cohort | None = None


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """``after`` is the id for the next page's address, None at the end."""

    rows: tuple[Problem, ...]
    open: int
    after: int | None


def problems_of(project: Project) -> "QuerySet[Problem]":
    """All of the project, also of people who have left, with what a row shows."""
    rows = Problem.objects.filter(participant__project=project)
    return rows.select_related("participant", "cohort", "reported_by", "solved_by")


def problem_page(
    project: Project, wanted: ProblemFilter, *, after: int | None = None
) -> ProblemPage:
    """Fifty problems: open and blocking ones first, then open, then solved, the latest on top."""
    rows = Problem.objects.filter(participant__project=project).annotate(group=_group())
    if wanted.status == BLOCKING:
        rows = rows.filter(status=ProblemStatus.OPEN, is_blocking=True)
    elif wanted.status:
        rows = rows.filter(status=wanted.status)
    if wanted.cohort is not None:
        rows = rows.filter(cohort=wanted.cohort)
    if after is not None:
        rows = rows.filter(_behind(project, after))
    # The ids first: names are looked up for a page and not for all rows that are put in order.
    ids = rows.order_by("group", "-pk").values("pk")[: PAGE + 1]
    page = problems_of(project).annotate(group=_group()).filter(pk__in=ids)
    found = list(page.order_by("group", "-pk"))
    shown = found[:PAGE]
    return ProblemPage(
        tuple(shown),
        open_problems(project).count(),
        shown[-1].pk if len(found) > PAGE else None,
    )


def _group() -> Case:
    return Case(
        When(status=ProblemStatus.OPEN, is_blocking=True, then=0),
        When(status=ProblemStatus.OPEN, then=1),
        default=2,
    )


def _behind(project: Project, pk: int) -> Q:
    """What comes after this row, in the order of the list."""
    row = problems_of(project).annotate(group=_group()).filter(pk=pk).first()
    group = row.group if row is not None else 0
    return Q(group__gt=group) | Q(group=group, pk__lt=pk)


def open_problems(project: Project) -> "QuerySet[Problem]":
    """Of active people."""
    return Problem.objects.filter(
        participant__project=project,
        status=ProblemStatus.OPEN,
        participant__status=ParticipantStatus.ACTIVE,
    )


def blocking_problems(project: Project, most: int | None = None) -> int:
    """Open problems that block the switch of an active person, counted up to ``most``."""
    return open_problems(project).filter(is_blocking=True)[:most].count()
