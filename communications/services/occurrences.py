"""Makes the occurrences of the plan, and moves them when the plan moves.

What is being sent, was sent, or was ordered for a moment of its own is never touched.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import ngettext

from cohorts.models import Cohort
from common.state import change_status
from communications.again import NO_APPROVAL
from communications.enums import OCCURRENCE_TRANSITIONS, OccurrenceState
from communications.models import Occurrence
from communications.queries.moves import Dates, dates_of, occurrence_moves
from communications.queries.planning import PlannedOccurrence, plan_occurrences
from projects.models import Project
from projects.schedule_plan import Anchors
from projects.services.events import record

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def create_occurrences(
    *,
    project: Project,
    anchors: Anchors,
    acting_user: "User | None",
    cohorts: Sequence[Cohort] | None = None,
) -> list[Occurrence]:
    """The occurrences of the plan that do not exist yet; each needs approval.

    With ``cohorts`` only theirs: what is planned for a cohort that was added later.
    """
    known = set(project.occurrences.values_list("message_id", "anchor_key"))
    only = None if cohorts is None else {cohort.pk for cohort in cohorts}
    made = Occurrence.objects.bulk_create(
        [
            _from_plan(project, planned)
            for planned in plan_occurrences(project=project, anchors=anchors, cohorts=cohorts)
            if (planned.message_id, planned.anchor_key) not in known
            and (only is None or planned.cohort_id in only)
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
def recompute_occurrences(
    *,
    project: Project,
    anchors: Anchors,
    acting_user: "User | None",
    at: datetime | None = None,
) -> int:
    """Move what follows the plan and is neither sent nor being sent; returns how many moved.

    Idempotent. What a person ordered for a moment of their own stays where it is. With ``at``, the
    database's now, what was missed and lies ahead again needs approval anew.
    """
    # Locked in one order before they are looked at, so that nothing begins under the old date.
    held = project.occurrences.order_by("pk").select_for_update(of=("self",))
    list(held.values_list("pk", flat=True))
    moves = occurrence_moves(project, anchors, at=at)
    for move in moves:
        _set_dates(move.occurrence, move.new)
        if move.is_revived:
            change_status(
                move.occurrence,
                OccurrenceState.PLANNED,
                transitions=OCCURRENCE_TRANSITIONS,
                field="state",
                **NO_APPROVAL,
            )
    moved = [move.occurrence for move in moves]
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
    _set_dates(occurrence, dates_of(planned))
    return occurrence


def _set_dates(row: Occurrence, dates: Dates) -> None:
    row.timezone, row.wall_at = dates.timezone, dates.wall_at
    row.due_at, row.not_after = dates.due_at, dates.not_after
