"""The plan: numbered steps in order, no step that waits for itself, sizes that can be dated."""

from collections.abc import Iterator

from playbooks.exceptions import Mistake
from playbooks.rules.paths import located_phases, located_steps
from playbooks.schema import Playbook, Step


def check_plan(playbook: Playbook) -> Iterator[Mistake]:
    yield from _check_sizes(playbook)
    yield from _check_step_roles(playbook)
    cycle = _find_cycle(playbook.steps)
    if cycle:
        path = next(path for path, step in located_steps(playbook) if step.key == cycle[0])
        yield Mistake(f"{path}.after", f"steps wait for each other: {' → '.join(cycle)}")
        return
    yield from _check_order(playbook)


def _check_sizes(playbook: Playbook) -> Iterator[Mistake]:
    recipe = playbook.cohort_recipe
    at_least_one = {
        "version": playbook.version,
        "window_days": playbook.window_days,
        "pilot_days": playbook.pilot_days,
        "cohort_recipe.waves": recipe.waves,
        "cohort_recipe.wave_every_days": recipe.wave_every_days,
        "cohort_recipe.first_wave_offset_days": recipe.first_wave_offset_days,
        "cohort_recipe.wave_length_days": recipe.wave_length_days,
        "cohort_recipe.pilot.start_offset_days": recipe.pilot.start_offset_days,
        "cohort_recipe.pilot.length_days": recipe.pilot.length_days,
    }
    at_least_one |= {
        f"{path}.length_days": step.length_days for path, step in located_steps(playbook)
    }
    for path, number in at_least_one.items():
        if number < 1:
            yield Mistake(path, f"must be 1 or more, not {number}")


def check_numbering(playbook: Playbook) -> Iterator[Mistake]:
    """Keys carry phase and place, because people say "pilot 3" and mean exactly that."""
    for name in ("stages", "roles", "modes"):
        if not getattr(playbook, name):
            yield Mistake(name, "must not be empty")
    for path, phase in located_phases(playbook):
        if not phase.steps:
            yield Mistake(f"{path}.steps", "must not be empty")
        for at, step in enumerate(phase.steps):
            wanted = f"{phase.key}-{at + 1}"
            if step.key != wanted:
                problem = f"'{step.key}' is out of order; here stands '{wanted}'"
                yield Mistake(f"{path}.steps[{at}].key", problem)


def _check_step_roles(playbook: Playbook) -> Iterator[Mistake]:
    for path, step in located_steps(playbook):
        if not step.roles.responsible:
            yield Mistake(f"{path}.roles.responsible", "needs at least one role")
        if len(step.roles.accountable) != 1:
            yield Mistake(f"{path}.roles.accountable", "needs exactly one role")


def _check_order(playbook: Playbook) -> Iterator[Mistake]:
    before: dict[str, Step] = {}
    for path, step in located_steps(playbook):
        for at, key in enumerate(step.after):
            earlier = before.get(key)
            if earlier is None:
                yield Mistake(f"{path}.after[{at}]", f"'{key}' comes later in the playbook")
            elif earlier.anchor == step.anchor and earlier.offset_days > step.offset_days:
                yield Mistake(f"{path}.offset_days", f"starts before '{key}', which it waits for")
        before[step.key] = step


def _find_cycle(steps: tuple[Step, ...]) -> list[str]:
    """The keys of one ring of steps, its first key again at the end; empty if there is none."""
    after = {step.key: step.after for step in steps}
    finished: set[str] = set()
    for start in after:
        trail: list[str] = []
        waiting = [(start, False)]
        while waiting:
            key, leaving = waiting.pop()
            if leaving:
                finished.add(trail.pop())
            elif key in trail:
                return [*trail[trail.index(key) :], key]
            elif key not in finished and key in after:
                trail.append(key)
                waiting.append((key, True))
                waiting.extend((other, False) for other in after[key])
    return []
