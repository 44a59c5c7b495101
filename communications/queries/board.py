"""The page of a project's communications in one piece: what runs, what waits, four weeks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import number_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from communications import calendar as calendars
from communications.enums import DELIVERED, ITEMS, Channel, OccurrenceState
from communications.models import Message
from communications.queries.conflicts import conflicts_of
from communications.queries.messages import OPEN, RUNNING, Line, lines, unsettled, window
from communications.queries.pace import Pace, paces
from projects.models import Project

WEEK = timedelta(days=7)
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
    def sendings(self) -> tuple[Line, ...]:
        """What goes out; the rest of ``coming`` is there to be ticked off."""
        return tuple(line for line in self.coming if line.occurrence.message.channel in DELIVERED)

    @property
    def to_approve(self) -> int:
        return sum(line.occurrence.state == OccurrenceState.PLANNED for line in self.sendings)

    @property
    def odd(self) -> int:
        return sum(bool(line.conflicts) for line in self.coming)

    @property
    def first_to_approve(self) -> Line | None:
        planned = (o for o in self.sendings if o.occurrence.state == OccurrenceState.PLANNED)
        return next(planned, None)


@dataclass(frozen=True, slots=True)
class Keep:
    """Which lines are shown: of a cohort, in a state, due within a phase's days."""

    cohort: int | None = None
    state: str = ""
    days: tuple[date, date] | None = None

    def lets_pass(self, line: Line) -> bool:
        row = line.occurrence
        due = timezone.localdate(row.due_at) if row.due_at else None
        return (
            self.cohort in (None, row.cohort_id)
            and self.state in ("", row.state)
            and (self.days is None or (due is not None and self.days[0] <= due <= self.days[1]))
        )

    def cohorts(self, cohorts: Iterable[Cohort]) -> Iterable[Cohort]:
        return [one for one in cohorts if self.cohort in (None, one.pk)]


def board(project: Project, *, start: date, at: datetime, keep: Keep | None = None) -> Board:
    """Four weeks from ``start``, a Monday, in the reader's zone. Twelve queries."""
    keep = keep or Keep()
    today = timezone.localdate(at)
    begin = _midnight(start)
    end = _midnight(start + timedelta(weeks=calendars.WEEKS))
    # A week more: what went out before counts for the week's number.
    near = list(window(project, begin - WEEK, end))
    known = {row.pk for row in near}
    inside = {row.pk for row in near if row.due_at is not None and begin <= row.due_at}
    rest = [row for row in unsettled(project, _midnight(today)) if row.pk not in known]
    found = _looked_at(project, lines(project, [*near, *rest], at), at)
    ahead = [line for line in found if line.occurrence.pk in inside]
    shown = tuple(line for line in ahead if keep.lets_pass(line))
    cohorts = project.cohorts.exclude(status=CohortStatus.CANCELLED)
    decide = tuple(line for line in found if _needs_decision(line))
    return Board(
        calendar=calendars.calendar(start, today, _entries(keep.cohorts(cohorts), shown)),
        coming=shown,
        running=tuple(line for line in found if line.occurrence.state in RUNNING),
        decide=decide,
        waiting=tuple(
            line
            for line in found
            if line.occurrence.pk not in inside
            and _is_left_over(line, _midnight(today))
            and keep.lets_pass(line)
        ),
        messages=tuple(project.messages.select_related("sender").defer("body")),
    )


def _looked_at(project: Project, found: Iterable[Line], at: datetime) -> list[Line]:
    """The lines with what is odd about them, and how fast those go that are being sent."""
    found = list(found)
    odd = conflicts_of(project, found, at)
    running = {
        line.occurrence.pk: line.ledger for line in found if line.occurrence.state in RUNNING
    }
    speed = paces(running, at)
    return [
        replace(
            line,
            conflicts=odd.get(line.occurrence.pk, ()),
            pace=speed.get(line.occurrence.pk, Pace()),
        )
        for line in found
    ]


def _is_left_over(line: Line, before: datetime) -> bool:
    """Without a day yet, or from before ``before``; what somebody decides stands elsewhere."""
    row = line.occurrence
    is_old = row.due_at is None or row.due_at < before
    return row.state in OPEN and is_old and not _needs_decision(line)


def _needs_decision(line: Line) -> bool:
    """Missed, uncertain, or its moment has come and nobody has approved it."""
    row = line.occurrence
    is_late = (
        row.state == OccurrenceState.PLANNED and row.due_at is not None and row.due_at <= line.at
    )
    return row.state == OccurrenceState.MISSED or is_late or bool(line.uncertain)


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
            is_odd=bool(line.conflicts),
            pk=line.occurrence.pk,
        )
        for line in ahead
    ]
    return switches + mails


def _to_whom(line: Line) -> str:
    number = number_format(line.people, use_l10n=True, force_grouping=True)
    most = "≤ " if line.is_at_most else ""
    message, cohort = line.occurrence.message, line.occurrence.cohort
    if message.channel in ITEMS:
        people = str(message.get_channel_display())
    elif message.channel == Channel.TEAMS:
        people = ngettext("%(n)s channel", "%(n)s channels", line.people) % {"n": number}
    else:
        people = ngettext("%(n)s person", "%(n)s people", line.people) % {"n": f"{most}{number}"}
    return f"{cohort.name}, {people}" if cohort else people


def _midnight(day: date) -> datetime:
    """The first moment of ``day`` in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time()))
