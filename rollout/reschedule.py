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
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from cohorts.switching import SwitchDates
from communications.audience_kinds import TOLD
from communications.audiences import Recipient
from communications.correction_text import CorrectionText
from communications.enums import OCCURRENCE_TRANSITIONS, OccurrenceState
from communications.languages import name
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
    REPLACED = "replaced", _("is cancelled: the new correction says it all")
    SENT = "sent", _("was sent, stays")
    ORDERED = "ordered", _("has a moment of its own, stays")


# The look of the status tag.
LOOKS = {
    Effect.MOVES: "move",
    Effect.AT_ONCE: "warn",
    Effect.OVERDUE: "warn",
    Effect.MISSED: "missed",
    Effect.REVIVED: "todo",
    Effect.GOES_ON: "active",
    Effect.REPLACED: "cancelled",
    Effect.SENT: "done",
    Effect.ORDERED: "off",
}


Values = tuple[date | datetime | str | None, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One row, before and after. A message has its instant (UTC), its last one and its zone; all
    others have days, a step its first and last one. ``new`` equals ``old`` for what stays."""

    kind: Kind
    pk: int
    title: str
    cohort: str
    effect: Effect
    old: Values
    new: Values

    @property
    def look(self) -> str:
        return LOOKS[self.effect]

    @property
    def is_change(self) -> bool:
        return self.old != self.new or self.effect == Effect.REPLACED


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
    # Beside English, what the text is in as well unless somebody writes it otherwise.
    languages: tuple[str, ...]

    @property
    def language_names(self) -> str:
        return ", ".join(name(language) for language in self.languages)

    @property
    def changing(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.is_change)

    @property
    def staying(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if not change.is_change)

    @property
    def sample_names(self) -> str:
        return ", ".join(person.name or person.address for person in self.sample)

    @property
    def digest(self) -> str:
        """Differs as soon as anything that was shown would happen differently."""
        parts: list[Any] = [self.cohort_pk, asdict(self.old), asdict(self.new), self.told > 0]
        parts += [asdict(change) for change in self.changes]
        parts += [asdict(warning) for warning in self.warnings]
        parts += [asdict(promise) for promise in self.promises]
        parts.append(self.waiver_until)
        text = json.dumps(parts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def message_changes(
    moves: Sequence[OccurrenceMove], others: Iterable[Occurrence], at: datetime
) -> tuple[Change, ...]:
    """What moves, and what of the cohort's own (``others``) was sent, is being sent or ordered."""
    moved = {move.occurrence.pk for move in moves}
    rest = [(row, _fate(row)) for row in others if row.pk not in moved]
    return (
        *(
            _message(move.occurrence, _effect(move, at), _values(move.old), _values(move.new))
            for move in moves
        ),
        *(_message(row, fate, _now(row), _now(row)) for row, fate in rest if fate),
    )


def _fate(row: Occurrence) -> Effect | None:
    """Of what no rule moves; None for what merely does not depend on the date."""
    state = OccurrenceState(row.state)
    if row.message.audience_kind == TOLD:
        if OccurrenceState.CANCELLED in OCCURRENCE_TRANSITIONS[state]:
            return Effect.REPLACED
    elif state in MOVABLE:
        return Effect.ORDERED if row.wall_at is None and row.due_at is not None else None
    return _BEGUN.get(state)


_BEGUN = {
    OccurrenceState.EXPANDING: Effect.GOES_ON,
    OccurrenceState.SENDING: Effect.GOES_ON,
    OccurrenceState.DONE: Effect.SENT,
}


def _message(row: Occurrence, effect: Effect, old: Values, new: Values) -> Change:
    cohort = row.cohort.name if row.cohort else ""
    return Change(Kind.MESSAGE, row.pk, row.message.title, cohort, effect, old, new)


def _values(dates: Dates) -> Values:
    return (dates.due_at, dates.not_after, dates.timezone)


def _now(row: Occurrence) -> Values:
    return (row.due_at, row.not_after, row.timezone)


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
