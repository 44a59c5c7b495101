"""How modes are changed and observed: methods name scripts that are there, exports name columns."""

from collections.abc import Iterator

from playbooks.exceptions import Mistake
from playbooks.placeholders import SCRIPT_PLACEHOLDER, SCRIPT_PLACEHOLDERS
from playbooks.reading import suggest
from playbooks.rules.references import missing
from playbooks.schema import Playbook


def check_modes(playbook: Playbook) -> Iterator[Mistake]:
    yield from _check_methods(playbook)
    yield from _check_scripts(playbook)
    yield from _check_observation(playbook)


def _check_methods(playbook: Playbook) -> Iterator[Mistake]:
    keys = [script.key for script in playbook.scripts]
    for at, method in enumerate(playbook.mode_methods):
        path = f"mode_methods[{at}]"
        yield from missing(f"{path}.scripts", method.scripts, keys, "a script")
        for name in ("identity", "scripts"):
            if not getattr(method, name):
                yield Mistake(f"{path}.{name}", "must not be empty")
        if method.people_per_file < 1:
            problem = f"must be 1 or more, not {method.people_per_file}"
            yield Mistake(f"{path}.people_per_file", problem)


def _check_scripts(playbook: Playbook) -> Iterator[Mistake]:
    used = {key for method in playbook.mode_methods for key in method.scripts}
    for at, script in enumerate(playbook.scripts):
        if script.key not in used:
            yield Mistake(f"scripts[{at}].key", f"no method has the script '{script.key}'")
        for name in SCRIPT_PLACEHOLDER.findall(script.text):
            if name not in SCRIPT_PLACEHOLDERS:
                hint = suggest(name, sorted(SCRIPT_PLACEHOLDERS))
                yield Mistake(f"scripts[{at}].text", f"<<{name}>> is not a placeholder; {hint}")


def _check_observation(playbook: Playbook) -> Iterator[Mistake]:
    seen = playbook.observation
    if seen is None:
        return
    for name in ("identity", "mode"):
        if not getattr(seen, name):
            yield Mistake(f"observation.{name}", "must not be empty")
    if bool(seen.result) is not bool(seen.granted_as):
        yield Mistake("observation.granted_as", "belongs to 'result', and that needs it")
