"""Keys: well formed, and each only once among its kind."""

import re
from collections.abc import Iterable, Iterator

from playbooks.exceptions import Mistake
from playbooks.rules.paths import located_phases, located_steps
from playbooks.schema import Playbook

_KEYED = (
    *("modes", "mode_methods", "scripts", "journeys", "goals", "risks", "readiness", "messages"),
    "surveys",
)
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")


def check_keys(playbook: Playbook) -> Iterator[Mistake]:
    yield from _once([("key", playbook.key)])
    yield from _once((f"roles[{at}].code", role.code) for at, role in enumerate(playbook.roles))
    yield from _once((f"stages[{at}].key", stage.key) for at, stage in enumerate(playbook.stages))
    yield from _once((f"{path}.key", phase.key) for path, phase in located_phases(playbook))
    yield from _once((f"{path}.key", step.key) for path, step in located_steps(playbook))
    for name in _KEYED:
        parts = getattr(playbook, name)
        yield from _once((f"{name}[{at}].key", part.key) for at, part in enumerate(parts))
    yield from _once(
        (f"milestones[{at}].key", part.key) for at, part in enumerate(playbook.milestones)
    )
    yield from _survey_keys(playbook)


def _survey_keys(playbook: Playbook) -> Iterator[Mistake]:
    for survey_at, survey in enumerate(playbook.surveys):
        path = f"surveys[{survey_at}].questions"
        yield from _once(
            (f"{path}[{at}].key", question.key) for at, question in enumerate(survey.questions)
        )
        for at, question in enumerate(survey.questions):
            yield from _once(
                (f"{path}[{at}].choices[{choice_at}].key", choice.key)
                for choice_at, choice in enumerate(question.choices)
            )


def _once(keys: Iterable[tuple[str, str]]) -> Iterator[Mistake]:
    first: dict[str, str] = {}
    for path, key in keys:
        if not _KEY.fullmatch(key):
            yield Mistake(path, f"'{key}' is not a key; use letters, digits, '-' and '_' (50)")
        if key in first:
            yield Mistake(path, f"'{key}' stands twice; first as {first[key]}")
        first.setdefault(key, path)
