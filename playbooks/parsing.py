"""Plain data to a checked playbook. Knows no files: a place says which file a path came from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from playbooks.exceptions import Mistake, PlaybookError
from playbooks.reading import read
from playbooks.rules import find_mistakes
from playbooks.schema import Playbook


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Paths that start with ``prefix`` stand in ``file``, there without the first ``cut``
    characters."""

    prefix: str
    file: str
    cut: int = 0


def parse(mapping: Mapping[str, Any], source: str, places: tuple[Place, ...] = ()) -> Playbook:
    """The playbook that ``mapping`` (YAML or JSON data) describes; ``source`` names it in errors.

    Raises ``PlaybookError`` for the first mistake.
    """
    try:
        playbook = read(Playbook, {**mapping, "source": source})
        for mistake in find_mistakes(playbook):
            raise mistake
    except Mistake as mistake:
        raise _located(mistake, source, places) from mistake
    return playbook


def from_snapshot(snapshot: Mapping[str, Any]) -> Playbook:
    """The playbook that ``Playbook.to_snapshot()`` was made from; raises ``PlaybookError``.

    Only the types are looked at: the copy was checked when it was made, and rules that became
    stricter since must not stop a running project.
    """
    return _read_snapshot(json.dumps(snapshot))


@lru_cache(maxsize=32)
def _read_snapshot(text: str) -> Playbook:
    """A page may ask for its project's playbook several times. Kept by its text, which takes a
    tenth of the time of reading it, so that what is kept can never be out of date."""
    try:
        return read(Playbook, json.loads(text))
    except Mistake as mistake:
        raise PlaybookError("snapshot", mistake.path, mistake.problem) from mistake


def _located(mistake: Mistake, source: str, places: tuple[Place, ...]) -> PlaybookError:
    """The longest prefix wins, so a phase in its own file is named before ``stages``."""
    fitting = [place for place in places if _starts_with(mistake.path, place.prefix)]
    if not fitting:
        return PlaybookError(source, mistake.path, mistake.problem)
    place = max(fitting, key=lambda place: len(place.prefix))
    return PlaybookError(place.file, mistake.path[place.cut :].lstrip("."), mistake.problem)


def _starts_with(path: str, prefix: str) -> bool:
    if not prefix or path == prefix:
        return True
    return path.startswith((f"{prefix}.", f"{prefix}["))
