"""What the record keeps of a move, so that it can be taken back. Pure: values to JSON and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from cohorts.switching import SwitchDates
from communications.queries.dated import ToldBefore
from projects.replan import MilestoneMove, StepMove
from rollout.reschedule import ReschedulePlan

MOVED, UNDONE = "cohort.rescheduled", "cohort.reschedule_undone"


@dataclass(frozen=True, slots=True)
class Move:
    """A move as it was recorded. ``correction`` is None where nobody had been told;
    ``cancelled`` are corrections of earlier moves that this one made needless."""

    old: SwitchDates
    new: SwitchDates
    told: int
    before: ToldBefore
    correction: int | None
    cancelled: tuple[int, ...]
    steps: tuple[StepMove, ...]
    milestones: tuple[MilestoneMove, ...]


def as_data(
    plan: ReschedulePlan, told: ToldBefore, correction: int | None, cancelled: list[int]
) -> dict[str, Any]:
    return {
        "old": _plain(asdict(plan.old)),
        "new": _plain(asdict(plan.new)),
        "told": plan.told,
        "before": told.as_params(),
        "correction": correction,
        "cancelled": cancelled,
        "steps": [_plain(asdict(move)) for move in plan.steps],
        "milestones": [_plain(asdict(move)) for move in plan.milestones],
    }


def of_data(data: Mapping[str, Any]) -> Move | None:
    """What ``as_data`` wrote; None for a record that says something else."""
    before = ToldBefore.of_params(data.get("before", {}))
    if before is None:
        return None
    return Move(
        old=_dates(data["old"]),
        new=_dates(data["new"]),
        told=data["told"],
        before=before,
        correction=data["correction"],
        cancelled=tuple(data["cancelled"]),
        steps=tuple(StepMove(**_with_days(move)) for move in data["steps"]),
        milestones=tuple(MilestoneMove(**_with_days(move)) for move in data["milestones"]),
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date | time) else v for k, v in values.items()}


def _with_days(values: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("pk", "title")
    return {k: v if k in kept else datetime.fromisoformat(v).date() for k, v in values.items()}


def _dates(values: Mapping[str, Any]) -> SwitchDates:
    return SwitchDates(
        switch_on=date.fromisoformat(values["switch_on"]),
        switch_time=time.fromisoformat(values["switch_time"]),
        timezone=values["timezone"],
        ends_on=date.fromisoformat(values["ends_on"]),
    )
