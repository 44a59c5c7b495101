"""Cohorts as rows with a bar of their people, all bars to one scale. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cohorts.models import Cohort
from cohorts.progress import Progress
from cohorts.queries.counts import PeopleCounts
from dashboards.charts.bars import Count, PeopleBar, people_bar
from dashboards.queries.board import Board, BoardGroup
from dashboards.queries.cohorts import CohortFigures


@dataclass(frozen=True, slots=True)
class CohortRow:
    figures: CohortFigures
    bar: PeopleBar


@dataclass(frozen=True, slots=True)
class ProgressCount:
    """``word`` names a place, ``key`` is that of its colour and of the people list's filter."""

    key: str
    word: str
    people: int
    means: str


@dataclass(frozen=True, slots=True)
class BoardLine:
    cohort: Cohort
    counts: PeopleCounts
    bar: PeopleBar
    progress: Sequence[ProgressCount]


@dataclass(frozen=True, slots=True)
class BoardPart:
    group: BoardGroup
    lines: Sequence[BoardLine]


@dataclass(frozen=True, slots=True)
class BoardTable:
    """Every bar has one scale but ``bar``, which is that of all people together."""

    parts: Sequence[BoardPart]
    total: PeopleCounts
    cohorts: int
    bar: PeopleBar
    progress: Sequence[ProgressCount]


def cohort_rows(cohorts: Sequence[CohortFigures]) -> tuple[CohortRow, ...]:
    """Each person stands in exactly one state, so a row adds up."""
    scale = max((row.people for row in cohorts), default=0)
    return tuple(CohortRow(row, bar_of(row.counts, scale)) for row in cohorts)


def board_table(board: Board) -> BoardTable:
    scale = max((row.counts.people for row in board.rows), default=0)
    parts = tuple(
        BoardPart(
            group,
            tuple(
                BoardLine(
                    row.cohort, row.counts, bar_of(row.counts, scale), progress_of(row.counts)
                )
                for row in group.rows
            ),
        )
        for group in board.groups
    )
    total = board.total
    return BoardTable(parts, total, len(board.rows), bar_of(total), progress_of(total))


def bar_of(counts: PeopleCounts, scale: int = 0) -> PeopleBar:
    """``scale`` is the people of the widest row; 0 fills the width."""
    parts = (Count(one.key, one.word.lower(), one.people) for one in progress_of(counts))
    return people_bar(parts, scale=scale)


def progress_of(counts: PeopleCounts) -> tuple[ProgressCount, ...]:
    """From the furthest to the first, then who left the path; together they are all people."""
    words = {
        Progress.VERIFIED: (_("Verified"), counts.verified, _("seen in their new mode")),
        Progress.SWITCHED: (
            _("Switched"),
            counts.switched_only,
            _("not seen in their mode yet"),
        ),
        Progress.TOLD: (_("Told"), counts.told_only, _("got at least one mail of this cohort")),
        Progress.PLANNED: (_("Planned"), counts.planned_only, _("not told yet")),
        Progress.DEFERRED: (
            _("Deferred"),
            counts.deferred_only,
            _("later than first planned"),
        ),
        Progress.BLOCKED: (
            _("Blocked"),
            counts.blocked_only,
            _("a problem keeps them back"),
        ),
    }
    return tuple(ProgressCount(place, *said) for place, said in words.items())
