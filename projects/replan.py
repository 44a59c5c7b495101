"""What of a plan moves when its anchors do: steps that were not begun, milestones not reached.

Pure. Everything keeps its distance from its anchor as it stands today, which may be another than
the playbook's: the team may have chosen its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from projects.enums import StepStatus
from projects.models import Milestone, Step
from projects.schedule_plan import Anchors

NOT_BEGUN = (StepStatus.TODO, StepStatus.BLOCKED)


@dataclass(frozen=True, slots=True)
class StepMove:
    """First and last day, both worked on, before and after."""

    pk: int
    title: str
    old_starts_on: date
    old_ends_on: date
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class MilestoneMove:
    pk: int
    title: str
    old_on: date
    on: date


def step_moves(
    steps: Iterable[Step], snapshot: Mapping[str, Any], old: Anchors, new: Anchors
) -> tuple[StepMove, ...]:
    """Which of ``steps`` get other days. ``snapshot`` is the project's copy of its playbook: it
    says which steps last until an anchor of their own."""
    untils = {step["key"]: step.get("until") for step in _of_phases(snapshot)}
    found = []
    for step in steps:
        if step.status not in NOT_BEGUN:
            continue
        starts_on = step.starts_on + _shift(step.anchor, old, new)
        ends_on = step.ends_on + _shift(untils.get(step.key) or step.anchor, old, new)
        move = StepMove(
            step.pk, step.title, step.starts_on, step.ends_on, starts_on, max(starts_on, ends_on)
        )
        if (move.starts_on, move.ends_on) != (step.starts_on, step.ends_on):
            found.append(move)
    return tuple(found)


def milestone_moves(
    milestones: Iterable[Milestone], snapshot: Mapping[str, Any], old: Anchors, new: Anchors
) -> tuple[MilestoneMove, ...]:
    """Which of ``milestones`` get another day; one the playbook does not know stays."""
    anchors = {mark["key"]: mark["anchor"] for mark in snapshot.get("milestones", ())}
    moved = [
        MilestoneMove(mark.pk, mark.title, mark.on, mark.on + _shift(anchors[mark.key], old, new))
        for mark in milestones
        if mark.reached_on is None and mark.key in anchors
    ]
    return tuple(move for move in moved if move.on != move.old_on)


def _of_phases(snapshot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        step
        for stage in snapshot.get("stages", ())
        for phase in stage.get("phases", ())
        for step in phase.get("steps", ())
    ]


def _shift(anchor: str, old: Anchors, new: Anchors) -> timedelta:
    try:
        return new.day(anchor) - old.day(anchor)
    except ValueError:  # a step of a playbook of its own may hang on nothing we know
        return timedelta(0)
