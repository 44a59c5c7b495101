"""Makes the occurrences of the plan, and moves them when the plan moves.

What is being sent, was sent, or was ordered for a moment of its own is never touched.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import ngettext

from communications.enums import OccurrenceState
from communications.models import Occurrence
from communications.queries.planning import PlannedOccurrence, plan_occurrences
from projects.models import Project
from projects.schedule_plan import Anchors
from projects.services.events import record

if TYPE_CHECKING:
    from accounts.models import User

MOVABLE = (OccurrenceState.PLANNED, OccurrenceState.APPROVED)


@transaction.atomic
def create_occurrences(
    *, project: Project, anchors: Anchors, acting_user: "User | None"
) -> list[Occurrence]:
    """The occurrences of the plan that do not exist yet; each needs approval."""
    known = set(project.occurrences.values_list("message_id", "anchor_key"))
    made = Occurrence.objects.bulk_create(
        [
            _from_plan(project, planned)
            for planned in plan_occurrences(project=project, anchors=anchors)
            if (planned.message_id, planned.anchor_key) not in known
        ]
    )
    if made:
        record(
            project=project,
            verb="occurrences.planned",
            sentence=ngettext(
                "%(n)s sending was planned.", "%(n)s sendings were planned.", len(made)
            )
            % {"n": len(made)},
            acting_user=acting_user,
        )
    return made


@transaction.atomic
def recompute_occurrences(*, project: Project, anchors: Anchors, acting_user: "User | None") -> int:
    """Move what follows the plan and is neither sent nor being sent; returns how many moved.

    Idempotent. What a person ordered for a moment of their own stays where it is.
    """
    plan = {
        (planned.message_id, planned.anchor_key): planned
        for planned in plan_occurrences(project=project, anchors=anchors)
    }
    rows = project.occurrences.select_for_update().filter(
        Q(wall_at__isnull=False) | Q(due_at__isnull=True), state__in=MOVABLE
    )
    moved = []
    for row in rows:
        planned = plan.get((row.message_id, row.anchor_key))
        if planned is not None and _dates(row) != _planned_dates(planned):
            _set_dates(row, planned)
            moved.append(row)
    Occurrence.objects.bulk_update(moved, ["wall_at", "timezone", "due_at", "not_after"])
    if moved:
        record(
            project=project,
            verb="occurrences.moved",
            sentence=ngettext("%(n)s sending was moved.", "%(n)s sendings were moved.", len(moved))
            % {"n": len(moved)},
            acting_user=acting_user,
            data={"occurrences": [row.pk for row in moved]},
        )
    return len(moved)


def _from_plan(project: Project, planned: PlannedOccurrence) -> Occurrence:
    occurrence = Occurrence(
        project=project,
        message_id=planned.message_id,
        cohort_id=planned.cohort_id,
        anchor_key=planned.anchor_key,
    )
    _set_dates(occurrence, planned)
    return occurrence


def _dates(row: Occurrence) -> Sequence[object]:
    return (row.wall_at, row.timezone, row.due_at, row.not_after)


def _planned_dates(planned: PlannedOccurrence) -> Sequence[object]:
    at = planned.moment
    if at is None:
        return (None, planned.timezone, None, None)
    return (at.wall_at, at.timezone, at.due_at, at.not_after)


def _set_dates(row: Occurrence, planned: PlannedOccurrence) -> None:
    at = planned.moment
    row.timezone = planned.timezone
    row.wall_at = at.wall_at if at else None
    row.due_at = at.due_at if at else None
    row.not_after = at.not_after if at else None
