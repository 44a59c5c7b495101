"""Phases with their steps: progress, dates and how they stand. Two queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from projects.enums import STEP_CLOSED, StepStatus
from projects.models import Phase, Project, Step


@dataclass(frozen=True, slots=True)
class PhaseFigures:
    """``done`` of ``total`` steps; a step that is not needed counts as done."""

    phase: Phase
    steps: tuple[Step, ...]

    @property
    def total(self) -> int:
        return len(self.steps)

    @property
    def done(self) -> int:
        return sum(step.status in STEP_CLOSED for step in self.steps)

    @property
    def starts_on(self) -> date:
        return min(step.starts_on for step in self.steps)

    @property
    def ends_on(self) -> date:
        return max(step.ends_on for step in self.steps)

    def overdue(self, today: date) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if is_overdue(step, today))

    def state(self, today: date) -> str:
        """done, warn (something is overdue), active or todo: a shape of the interface."""
        if self.done == self.total:
            return "done"
        if self.overdue(today):
            return "warn"
        has_begun = self.done or any(step.status != StepStatus.TODO for step in self.steps)
        return "active" if has_begun or self.starts_on <= today else "todo"


def is_overdue(step: Step, today: date) -> bool:
    """Open although its last day lies before ``today`` (a day in the project's zone)."""
    return step.status not in STEP_CLOSED and step.ends_on < today


def phase_figures(project: Project) -> tuple[PhaseFigures, ...]:
    """Every phase that has steps, in order."""
    by_phase: dict[int, list[Step]] = {}
    for step in Step.objects.filter(project=project).select_related("owner"):
        by_phase.setdefault(step.phase_id, []).append(step)
    return tuple(
        PhaseFigures(phase=phase, steps=tuple(by_phase[phase.pk]))
        for phase in Phase.objects.filter(project=project)
        if phase.pk in by_phase
    )


def all_steps(phases: Sequence[PhaseFigures]) -> tuple[Step, ...]:
    return tuple(step for phase in phases for step in phase.steps)
