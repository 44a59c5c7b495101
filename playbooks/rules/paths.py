"""Walks a playbook and says where each part stands, as the path an error shows."""

from collections.abc import Iterator

from playbooks.schema import DoneWhen, Phase, Playbook, Step


def located_phases(playbook: Playbook) -> Iterator[tuple[str, Phase]]:
    for stage_at, stage in enumerate(playbook.stages):
        for phase_at, phase in enumerate(stage.phases):
            yield f"stages[{stage_at}].phases[{phase_at}]", phase


def located_steps(playbook: Playbook) -> Iterator[tuple[str, Step]]:
    for path, phase in located_phases(playbook):
        for step_at, step in enumerate(phase.steps):
            yield f"{path}.steps[{step_at}]", step


def located_criteria(playbook: Playbook) -> Iterator[tuple[str, DoneWhen]]:
    """Every "done when" of a step and every go criterion of a cohort."""
    for path, step in located_steps(playbook):
        yield f"{path}.done_when", step.done_when
    for at, criterion in enumerate(playbook.cohort_recipe.go_criteria):
        yield f"cohort_recipe.go_criteria[{at}]", criterion
