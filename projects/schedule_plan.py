"""A schedule as plain values: anchors, dated steps, milestones, cohorts, warnings.

Nothing is worked out here; that is ``schedule``'s and ``schedule_warnings``' part.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Anchors:
    """The days everything else is counted from. ``pilot_end`` is the first day after the pilot."""

    project_start: date
    pilot_start: date
    pilot_end: date
    first_switch: date
    last_switch: date
    project_target: date

    def day(self, anchor: str) -> date:
        """The day of a project anchor; ValueError for an anchor that belongs to a cohort."""
        if anchor not in self.__slots__:
            raise ValueError(f"{anchor!r} is not an anchor of the project")
        found: date = getattr(self, anchor)
        return found


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """``starts_on = anchor + offset_days``; first and last day are both worked on."""

    key: str
    starts_on: date
    ends_on: date
    anchor: str
    offset_days: int
    length_days: int


@dataclass(frozen=True, slots=True)
class PlannedMilestone:
    key: str
    title: str
    on: date


@dataclass(frozen=True, slots=True)
class PlannedCohort:
    """``kind`` is "pilot" or "wave"; ``ends_on`` is the cohort_end anchor."""

    kind: str
    name: str
    position: int
    switch_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class ScheduleWarning:
    """``code`` for programs, ``sentence`` for people."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class SchedulePlan:
    """``natural_end_on`` is when the plan really ends, whatever the target says."""

    anchors: Anchors
    steps: tuple[PlannedStep, ...]
    milestones: tuple[PlannedMilestone, ...]
    cohorts: tuple[PlannedCohort, ...]
    target_on: date
    natural_end_on: date
    warnings: tuple[ScheduleWarning, ...]

    def step(self, key: str) -> PlannedStep:
        return next(step for step in self.steps if step.key == key)
