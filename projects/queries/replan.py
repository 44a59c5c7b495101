"""What of a project's plan would move with its anchors. Reads only."""

from dataclasses import dataclass

from projects.models import Project
from projects.replan import MilestoneMove, StepMove, milestone_moves, step_moves
from projects.schedule_plan import Anchors


@dataclass(frozen=True, slots=True)
class PlanMoves:
    steps: tuple[StepMove, ...]
    milestones: tuple[MilestoneMove, ...]


def plan_moves(project: Project, old: Anchors, new: Anchors) -> PlanMoves:
    """Steps that were not begun and milestones not reached. Two queries."""
    if old == new:
        return PlanMoves((), ())
    snapshot = project.playbook_snapshot
    return PlanMoves(
        step_moves(project.steps.order_by("position", "pk"), snapshot, old, new),
        milestone_moves(project.milestones.order_by("on", "pk"), snapshot, old, new),
    )
