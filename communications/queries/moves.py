"""Which occurrences of the plan have another moment by other dates. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from cohorts.models import Cohort
from communications.enums import OccurrenceState
from communications.models import Occurrence
from communications.queries.planning import PlannedOccurrence, plan_occurrences
from projects.models import Project
from projects.schedule_plan import Anchors

MOVABLE = (OccurrenceState.PLANNED, OccurrenceState.APPROVED)


@dataclass(frozen=True, slots=True)
class Dates:
    """The four columns that move together; instants are None while the day is not known."""

    timezone: str
    wall_at: datetime | None = None
    due_at: datetime | None = None
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class OccurrenceMove:
    """``is_revived``: it was missed, and its new moment lies ahead."""

    occurrence: Occurrence
    old: Dates
    new: Dates
    is_revived: bool


def occurrence_moves(
    project: Project,
    anchors: Anchors,
    *,
    cohorts: Sequence[Cohort] | None = None,
    at: datetime | None = None,
) -> tuple[OccurrenceMove, ...]:
    """What follows the plan, has not begun, and does not stand where ``anchors`` put it.

    ``cohorts`` may be ones that are not saved. With ``at``, the database's now, what was missed
    is among them where its new moment comes after it. Three queries at most.
    """
    states = MOVABLE if at is None else (*MOVABLE, OccurrenceState.MISSED)
    rows = (
        project.occurrences.filter(
            Q(wall_at__isnull=False) | Q(due_at__isnull=True), state__in=states
        )
        .select_related("message", "cohort")
        .order_by("due_at", "pk")
    )
    plan = {
        (planned.message_id, planned.anchor_key): dates_of(planned)
        for planned in plan_occurrences(project=project, anchors=anchors, cohorts=cohorts)
    }
    moves = (_move(row, plan.get((row.message_id, row.anchor_key)), at) for row in rows)
    return tuple(move for move in moves if move is not None)


def dates_of(planned: PlannedOccurrence) -> Dates:
    at = planned.moment
    if at is None:
        return Dates(planned.timezone)
    return Dates(planned.timezone, at.wall_at, at.due_at, at.not_after)


def _move(row: Occurrence, new: Dates | None, at: datetime | None) -> OccurrenceMove | None:
    old = Dates(row.timezone, row.wall_at, row.due_at, row.not_after)
    if new is None or new == old:
        return None
    is_revived = row.state == OccurrenceState.MISSED
    if is_revived and (at is None or new.due_at is None or new.due_at <= at):
        return None
    return OccurrenceMove(row, old, new, is_revived)
