"""Moves the days of steps and milestones when the anchors of their project moved.

Which ones move is worked out in ``projects.replan``; the planned dates of the start stay.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import ngettext

from projects.models import Milestone, Project, Step
from projects.replan import MilestoneMove, StepMove
from projects.services import events

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def move_plan(
    *,
    project: Project,
    steps: Sequence[StepMove],
    milestones: Sequence[MilestoneMove],
    acting_user: "User | None",
) -> int:
    """Write these moves; how many rows moved. A row that has other days by now stays as it is."""
    moved = sum(_move_step(project, move) for move in steps)
    moved += sum(_move_milestone(project, move) for move in milestones)
    if moved:
        events.record(
            project=project,
            verb="plan.moved",
            sentence=ngettext(
                "%(n)s step or milestone was moved.",
                "%(n)s steps and milestones were moved.",
                moved,
            )
            % {"n": moved},
            acting_user=acting_user,
            data={"steps": [move.pk for move in steps], "milestones": [m.pk for m in milestones]},
        )
    return moved


def _move_step(project: Project, move: StepMove) -> int:
    rows = Step.objects.filter(
        project=project, pk=move.pk, starts_on=move.old_starts_on, ends_on=move.old_ends_on
    )
    return rows.update(
        starts_on=move.starts_on,
        ends_on=move.ends_on,
        length_days=(move.ends_on - move.starts_on).days + 1,
    )


def _move_milestone(project: Project, move: MilestoneMove) -> int:
    return Milestone.objects.filter(project=project, pk=move.pk, on=move.old_on).update(on=move.on)
