"""What would change if a cohort switched at another time. Pure values; nothing is stored.

The plan carries a hash of all it would change: the page shows it, the service makes the plan anew
under locks and refuses when it came out differently, so what was shown is what happens. How many
people were told is not part of it, for that grows while mails are leaving; whether anybody was is.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from cohorts.switching import SwitchDates
from communications.audiences import Recipient
from communications.correction_text import CorrectionText
from communications.enums import OccurrenceState
from communications.models import Occurrence
from communications.queries.moves import MOVABLE, Dates, OccurrenceMove
from projects.replan import MilestoneMove, StepMove
from projects.schedule_plan import ScheduleWarning
from surveys.queries.moves import SurveyMove


class Kind(TextChoices):
    MESSAGE = "message", _("message")
    SURVEY = "survey", _("survey")
    STEP = "step", _("step")
    MILESTONE = "milestone", _("milestone")


class Effect(TextChoices):
    """What becomes of one row."""

    MOVES = "moves", _("moves")
    AT_ONCE = "at_once", _("goes out at once")
    OVERDUE = "overdue", _("is overdue and needs approval")
    MISSED = "missed", _("is missed; somebody decides")
    REVIVED = "revived", _("was missed, needs approval again")
    GOES_ON = "goes_on", _("is going out, goes on with the new date")
    SENT = "sent", _("was sent, stays")
    ORDERED = "ordered", _("has a moment of its own, stays")


# The look of the status tag.
LOOKS = {
    Effect.MOVES: "info",
    Effect.AT_ONCE: "warn",
    Effect.OVERDUE: "warn",
    Effect.MISSED: "missed",
    Effect.REVIVED: "todo",
    Effect.GOES_ON: "active",
    Effect.SENT: "done",
    Effect.ORDERED: "hold",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One row, before and after. Messages have instants (UTC), all others days; a step its first
    and last one. ``new`` equals ``old`` for what stays."""

    kind: Kind
    pk: int
    title: str
    cohort: str
    effect: Effect
    old: tuple[date | datetime | None, ...]
    new: tuple[date | datetime | None, ...]

    @property
    def look(self) -> str:
        return LOOKS[self.effect]

    @property
    def is_move(self) -> bool:
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class Promise:
    """Somebody was promised to switch by ``until``, which the new date is after."""

    pk: int
    name: str
    until: date


@dataclass(frozen=True, kw_only=True, slots=True)
class ReschedulePlan:
    """``told``: people who know the present date. ``sample``: three of them. ``steps`` and
    ``milestones`` are what the service writes."""

    cohort_pk: int
    cohort_name: str
    old: SwitchDates
    new: SwitchDates
    changes: tuple[Change, ...]
    warnings: tuple[ScheduleWarning, ...]
    promises: tuple[Promise, ...]
    waiver_until: date | None
    told: int
    sample: tuple[Recipient, ...]
    steps: tuple[StepMove, ...]
    milestones: tuple[MilestoneMove, ...]
    text: CorrectionText

    @property
    def moves(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.is_move)

    @property
    def stays(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if not change.is_move)

    @property
    def digest(self) -> str:
        """Differs as soon as anything that was shown would happen differently."""
        parts = [self.cohort_pk, asdict(self.old), asdict(self.new), self.told > 0]
        parts += [asdict(part) for part in (*self.changes, *self.warnings, *self.promises)]
        parts.append(self.waiver_until)
        text = json.dumps(parts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def message_changes(
    moves: Sequence[OccurrenceMove], others: Iterable[Occurrence], at: datetime
) -> tuple[Change, ...]:
    """What moves, and what of the cohort's own (``others``) was sent, is being sent or ordered."""
    moved = {move.occurrence.pk for move in moves}
    stays = [row for row in others if row.pk not in moved and _is_worth_saying(row)]
    return (
        *(_message(m.occurrence, _effect(m, at), m.old, m.new) for m in moves),
        *(_message(row, _STAYING[OccurrenceState(row.state)]) for row in stays),
    )


def _is_worth_saying(row: Occurrence) -> bool:
    """Begun, or for a moment that a person chose; not what merely does not depend on the date."""
    is_ordered = row.wall_at is None and row.due_at is not None
    return row.state in _STAYING and (is_ordered or row.state not in MOVABLE)


_STAYING = {
    OccurrenceState.EXPANDING: Effect.GOES_ON,
    OccurrenceState.SENDING: Effect.GOES_ON,
    OccurrenceState.DONE: Effect.SENT,
    OccurrenceState.APPROVED: Effect.ORDERED,
    OccurrenceState.PLANNED: Effect.ORDERED,
}


def _message(
    row: Occurrence, effect: Effect, old: Dates | None = None, new: Dates | None = None
) -> Change:
    cohort = row.cohort.name if row.cohort else ""
    before = (old.due_at,) if old else (row.due_at,)
    after = (new.due_at,) if new else before
    if old and new and before == after:  # another zone or last moment, the same instant
        before, after = (old.due_at, old.not_after), (new.due_at, new.not_after)
    return Change(Kind.MESSAGE, row.pk, row.message.title, cohort, effect, before, after)


def _effect(move: OccurrenceMove, at: datetime) -> Effect:
    if move.is_revived:
        return Effect.REVIVED
    if move.new.not_after is not None and move.new.not_after <= at:
        return Effect.MISSED
    if move.new.due_at is None or move.new.due_at > at:
        return Effect.MOVES
    is_approved = move.occurrence.state == OccurrenceState.APPROVED
    return Effect.AT_ONCE if is_approved else Effect.OVERDUE


def plan_changes(
    surveys: Iterable[SurveyMove],
    steps: Iterable[StepMove],
    milestones: Iterable[MilestoneMove],
) -> tuple[Change, ...]:
    """The rest of what moves, in the order in which a reader looks for it."""
    return (
        *(
            Change(
                Kind.SURVEY,
                survey.pk,
                survey.title,
                survey.cohort_name,
                Effect.MOVES,
                (survey.old_opens_on,),
                (survey.opens_on,),
            )
            for survey in surveys
        ),
        *(
            Change(
                Kind.STEP,
                step.pk,
                step.title,
                "",
                Effect.MOVES,
                (step.old_starts_on, step.old_ends_on),
                (step.starts_on, step.ends_on),
            )
            for step in steps
        ),
        *(
            Change(Kind.MILESTONE, m.pk, m.title, "", Effect.MOVES, (m.old_on,), (m.on,))
            for m in milestones
        ),
    )
