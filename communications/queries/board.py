"""The page of a project's communications in one piece: what runs, what waits, four weeks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import number_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from communications import calendar as calendars
from communications.enums import OccurrenceState
from communications.models import Message
from communications.queries.messages import RUNNING, Line, lines, unsettled, window
from projects.models import Project

MARKS = {
    "warn": "wait urgent",
    "missed": "wait urgent",
    "todo": "wait",
    "paused": "hold",
    "cancelled": "hold",
}


@dataclass(frozen=True, slots=True)
class Board:
    """``coming`` is due in the calendar's weeks; ``waiting`` is left over or has no day yet."""

    calendar: calendars.Calendar
    coming: tuple[Line, ...]
    running: tuple[Line, ...]
    decide: tuple[Line, ...]
    waiting: tuple[Line, ...]
    messages: tuple[Message, ...]

    @property
    def to_approve(self) -> int:
        return sum(line.occurrence.state == OccurrenceState.PLANNED for line in self.coming)

    @property
    def first_to_approve(self) -> Line | None:
        planned = (o for o in self.coming if o.occurrence.state == OccurrenceState.PLANNED)
        return next(planned, None)


def board(project: Project, *, start: date, at: datetime) -> Board:
    """Four weeks from ``start``, a Monday, in the reader's zone. Eight queries."""
    today = timezone.localdate(at)
    begin = _midnight(start)
    end = _midnight(start + timedelta(weeks=calendars.WEEKS))
    coming = list(window(project, begin, end))
    inside = {occurrence.pk for occurrence in coming}
    rest = [o for o in unsettled(project, _midnight(today)) if o.pk not in inside]
    found = lines(project, [*coming, *rest], at)
    ahead, others = found[: len(coming)], found[len(coming) :]
    cohorts = project.cohorts.exclude(status=CohortStatus.CANCELLED)
    decide = tuple(line for line in found if _needs_decision(line))
    return Board(
        calendar=calendars.calendar(start, today, _entries(cohorts, ahead)),
        coming=ahead,
        running=tuple(line for line in found if line.occurrence.state in RUNNING),
        decide=decide,
        waiting=tuple(
            line for line in others if line not in decide and line.occurrence.state not in RUNNING
        ),
        messages=tuple(project.messages.select_related("sender").defer("body")),
    )


def _needs_decision(line: Line) -> bool:
    missed = line.occurrence.state == OccurrenceState.MISSED
    return missed or bool(line.uncertain)


def _entries(cohorts: Iterable[Cohort], ahead: Sequence[Line]) -> list[calendars.Entry]:
    switches = [
        calendars.Entry(
            on=cohort.switch_on,
            title=_("Switch, %(time)s") % {"time": time_format(cohort.switch_time, "H:i")},
            detail=cohort.name,
            word=_("switch date, no mail"),
            mark="switch",
            pk=cohort.pk,
            is_switch=True,
        )
        for cohort in cohorts
    ]
    mails = [
        calendars.Entry(
            on=timezone.localdate(line.occurrence.due_at),
            title=line.occurrence.message.title,
            detail=_to_whom(line),
            word=str(line.word),
            mark=MARKS.get(line.look, ""),
            pk=line.occurrence.pk,
        )
        for line in ahead
    ]
    return switches + mails


def _to_whom(line: Line) -> str:
    number = number_format(line.people, use_l10n=True, force_grouping=True)
    most = "≤ " if line.is_at_most else ""
    people = ngettext("%(n)s person", "%(n)s people", line.people) % {"n": f"{most}{number}"}
    cohort = line.occurrence.cohort
    return f"{cohort.name}, {people}" if cohort else people


def _midnight(day: date) -> datetime:
    """The first moment of ``day`` in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time()))
