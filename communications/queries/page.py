"""Everything an occurrence's page says in numbers, and what can be done from there. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from communications.audiences import Recipient
from communications.enums import (
    DELIVERED,
    ITEMS,
    OCCURRENCE_TRANSITIONS,
    DeliveryState,
    MessageStatus,
    OccurrenceState,
)
from communications.models import Occurrence
from communications.queries.conflicts import conflicts_around
from communications.queries.late import late_waiting
from communications.queries.ledger import Ledger, ledger_of
from communications.queries.messages import RUNNING, Line
from communications.queries.other_days import OtherDay, other_days
from communications.queries.pace import Pace, pace_of
from communications.queries.planning import rule_of
from communications.queries.reach import Funnel, examples, funnel, with_reasons
from communications.queries.since import Since, is_first_held, since_approval
from communications.queries.waiting import BROKEN, NOBODY, UNSURE, Waiting, names_in
from communications.wording import rule_words

# How a state's number is drawn when it is not zero; the others are plain.
SHAPES = {
    DeliveryState.FAILED: ("bad", "bad"),
    DeliveryState.UNCERTAIN: ("warn", "unsure"),
    DeliveryState.QUARANTINED: ("bad", "bad"),
}

WENT_OUT = (OccurrenceState.SENDING, OccurrenceState.DONE)


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of the ledger; all of them add up to the rows."""

    state: str
    label: str | Promise
    count: int
    colour: str
    shape: str


@dataclass(frozen=True, slots=True)
class OccurrencePage:
    """``funnel`` is who would get it now and ``examples`` the first three of them, ``since`` what
    changed since it was approved, ``ledger`` what has become of whom it was for."""

    occurrence: Occurrence
    at: datetime
    funnel: Funnel
    ledger: Ledger
    examples: tuple[Recipient, ...] = ()
    since: Since = field(default_factory=Since)
    broken_names: tuple[str, ...] = ()
    uncertain_names: tuple[str, ...] = ()
    pace: Pace = field(default_factory=Pace)
    late: Waiting = NOBODY
    conflicts: tuple[str, ...] = ()
    other_days: tuple[OtherDay, ...] = ()

    @property
    def line(self) -> Line:
        people = self.ledger.total or self.funnel.reachable
        return Line(self.occurrence, people, is_at_most=False, ledger=self.ledger, at=self.at)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """A claimed mail is as good as being sent; quarantine is named where somebody is in it."""
        counts = dict(self.ledger.states)
        counts[DeliveryState.SENDING] += counts.pop(DeliveryState.CLAIMED)
        return tuple(
            Cell(state, state.label, count, *SHAPES.get(state, ("", "")))
            for state, count in counts.items()
            if count or state != DeliveryState.QUARANTINED
        )

    @property
    def why(self) -> str:
        occurrence = self.occurrence
        if occurrence.wall_at is not None or occurrence.due_at is None:
            cohort = occurrence.cohort
            return rule_words(rule_of(occurrence.message), cohort.name if cohort else "")
        return _("At a moment that a person or a survey set")

    @property
    def is_open(self) -> bool:
        """It has no day yet: whoever brings the day about approves it with that."""
        return self.occurrence.due_at is None

    @property
    def is_late(self) -> bool:
        """Approving it sends it at once, because its last moment has passed."""
        missed = self.occurrence.state == OccurrenceState.MISSED
        not_after = self.occurrence.not_after
        return missed or (not_after is not None and not_after <= self.at)

    @property
    def is_now(self) -> bool:
        """Approving it sends it at once, because its moment has come."""
        due = self.occurrence.due_at
        return self.is_late or (due is not None and due <= self.at)

    @property
    def is_first_held(self) -> bool:
        """Of two who must approve it one has, and it is still what that person saw."""
        return is_first_held(self.occurrence, self.funnel.reachable)

    @property
    def can_approve(self) -> bool:
        message = self.occurrence.message
        is_sendable = message.channel in DELIVERED and message.status != MessageStatus.CANCELLED
        is_next = self._may_become(OccurrenceState.APPROVED) or bool(self.since.again)
        return is_sendable and is_next and not self.is_open

    @property
    def can_send_now(self) -> bool:
        """It waits for a later moment, and nothing holds it."""
        waits = self.occurrence.state in (OccurrenceState.PLANNED, OccurrenceState.APPROVED)
        is_free = self.occurrence.message.status == MessageStatus.ACTIVE
        is_sent = self.occurrence.message.channel in DELIVERED
        return waits and is_free and is_sent and not self.is_open and not self.is_now

    @property
    def can_tick(self) -> bool:
        """A banner or a poster that is not up yet."""
        message = self.occurrence.message
        is_due = self.occurrence.state in (OccurrenceState.PLANNED, OccurrenceState.MISSED)
        return message.channel in ITEMS and message.status != MessageStatus.CANCELLED and is_due

    @property
    def can_unapprove(self) -> bool:
        return self._may_become(OccurrenceState.PLANNED)

    @property
    def can_cancel(self) -> bool:
        return self._may_become(OccurrenceState.CANCELLED)

    @property
    def has_begun(self) -> bool:
        return has_begun(self.occurrence, self.ledger)

    @property
    def uncertain(self) -> int:
        return self.ledger[DeliveryState.UNCERTAIN]

    @property
    def broken(self) -> int:
        return sum(self.ledger[state] for state in BROKEN)

    @property
    def can_stop_or_go_on(self) -> bool:
        return not (
            self.occurrence.state in (OccurrenceState.DONE, OccurrenceState.CANCELLED)
            or self.occurrence.message.status == MessageStatus.CANCELLED
        )

    def _may_become(self, state: OccurrenceState) -> bool:
        return state in OCCURRENCE_TRANSITIONS[OccurrenceState(self.occurrence.state)]


def has_begun(occurrence: Occurrence, ledger: Ledger) -> bool:
    """Rows of people who had the message before they came may stand there earlier."""
    if occurrence.state in (OccurrenceState.PLANNED, OccurrenceState.APPROVED):
        return False
    return ledger.total > 0 or occurrence.state in (*RUNNING, OccurrenceState.DONE)


def occurrence_page(occurrence: Occurrence, at: datetime) -> OccurrencePage:
    """A fixed number of queries: who would get it now, and how the rows stand."""
    ledger = ledger_of(occurrence.pk)
    people = with_reasons(occurrence, at)
    # Who has a row is told by the ledger; nobody asks any more who would get it.
    found = Funnel(0) if has_begun(occurrence, ledger) else funnel(occurrence, at, people)
    is_running = occurrence.state in RUNNING
    return OccurrencePage(
        occurrence,
        at,
        funnel=found,
        ledger=ledger,
        examples=examples(people) if found.reachable else (),
        since=since_approval(occurrence, people, found),
        broken_names=names_in(occurrence, BROKEN) if _any(ledger, BROKEN) else (),
        uncertain_names=names_in(occurrence, UNSURE) if _any(ledger, UNSURE) else (),
        conflicts=conflicts_around(occurrence, at),
        other_days=() if has_begun(occurrence, ledger) else other_days(occurrence, at),
        late=late_waiting(occurrence, at) if occurrence.state in WENT_OUT else NOBODY,
        pace=pace_of(occurrence.pk, ledger, at) if is_running else Pace(),
    )


def _any(ledger: Ledger, states: Collection[DeliveryState]) -> bool:
    return any(ledger[state] for state in states)
