"""What a timeline shows: stages, phases with their steps, cohorts, milestones, bands. Plain data.

A saved project and a plan that is only being considered fill the same dataclasses. Dates are plain
days; the last day of anything belongs to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    title: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBar:
    """``state`` is done, active, todo or warn."""

    key: str
    title: str
    starts_on: date
    ends_on: date
    state: str = "todo"
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRow:
    """``done`` of ``total`` steps; ``state`` is done, active, todo or warn."""

    key: str
    title: str
    starts_on: date
    ends_on: date
    baseline_starts_on: date | None = None
    baseline_ends_on: date | None = None
    done: int = 0
    total: int = 0
    state: str = "todo"
    steps: tuple[StepBar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortRow:
    """``state`` is planned, told, switched or verified."""

    name: str
    people: int
    switch_on: date
    announce_on: date | None = None
    ends_on: date | None = None
    state: str = "planned"
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneMark:
    title: str
    on: date
    reached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Days that stand out. The window may go without a title: it is then named by its length."""

    title: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineInput:
    """``full`` gives every step a row of its own; else steps are thin bars below their phase's."""

    title: str
    starts_on: date
    ends_on: date
    today: date
    stages: tuple[Stage, ...] = ()
    phases: tuple[PhaseRow, ...] = ()
    cohorts: tuple[CohortRow, ...] = ()
    milestones: tuple[MilestoneMark, ...] = ()
    freezes: tuple[Band, ...] = ()
    window: Band | None = None
    full: bool = False

    @property
    def first_on(self) -> date:
        """The earliest day that the picture has to show."""
        return min(day for day in _days(self) if day is not None)

    @property
    def last_on(self) -> date:
        """The latest day that the picture has to show."""
        return max(day for day in _days(self) if day is not None)


def _days(plan: TimelineInput) -> Iterator[date | None]:
    yield from (plan.starts_on, plan.ends_on)
    for stage in plan.stages:
        yield from (stage.starts_on, stage.ends_on)
    for phase in plan.phases:
        yield from (phase.starts_on, phase.ends_on)
        yield from (phase.baseline_starts_on, phase.baseline_ends_on)
        for step in phase.steps:
            yield from (step.starts_on, step.ends_on)
    for cohort in plan.cohorts:
        yield from (cohort.announce_on, cohort.switch_on, cohort.ends_on)
    for milestone in plan.milestones:
        yield milestone.on
