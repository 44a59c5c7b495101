"""A playbook's folder to a playbook: merges its files and remembers which key stood where.

``playbook.yaml`` and its neighbours each hold some of the top-level keys. A phase is named in
``stages[].phases`` and written in ``phases/<key>.yaml``, so no file grows beyond one's patience.
"""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from playbooks import yamltext
from playbooks.exceptions import PlaybookError
from playbooks.parsing import Place, parse
from playbooks.reading import suggest
from playbooks.schema import Playbook

MAIN_FILE = "playbook.yaml"
_SECTIONS = tuple(spec.name for spec in fields(Playbook) if spec.name != "source")


def load_folder(folder: Path) -> Playbook:
    """The playbook in ``folder``; raises ``PlaybookError`` that names file and key."""
    merged: dict[str, Any] = {}
    places = [Place(prefix="", file=f"{folder.name}/{MAIN_FILE}")]
    for path in sorted(folder.glob("*.yaml")):
        file = f"{folder.name}/{path.name}"
        for key, value in _read_mapping(path, file).items():
            if key not in _SECTIONS:
                raise PlaybookError(file, key, f"unknown key; {suggest(key, _SECTIONS)}")
            if key in merged:
                other = next(place.file for place in places if place.prefix == key)
                raise PlaybookError(file, key, f"stands in {other} already")
            merged[key] = value
            places.append(Place(prefix=key, file=file))
    places.extend(_insert_phases(merged, folder))
    return parse(merged, folder.name, tuple(places))


def _insert_phases(merged: dict[str, Any], folder: Path) -> Iterator[Place]:
    """Puts each phase's file where ``stages`` names it; a file nobody names is a mistake."""
    files = {path.stem: path for path in sorted((folder / "phases").glob("*.yaml"))}
    for stage_path, phases in _phase_lists(merged):
        for at, key in enumerate(phases):
            if isinstance(key, str) and key in files:
                file = f"{folder.name}/phases/{files[key].name}"
                phases[at] = _read_mapping(files.pop(key), file)
                prefix = f"{stage_path}.phases[{at}]"
                yield Place(prefix=prefix, file=file, cut=len(prefix))
    for key in files:
        raise PlaybookError(f"{folder.name}/phases/{key}.yaml", "", "no stage names this phase")


def _phase_lists(merged: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """Shapes that do not fit are left for the reader, which has the better sentence."""
    stages = merged.get("stages")
    for at, stage in enumerate(stages if isinstance(stages, list) else []):
        if isinstance(stage, dict) and isinstance(stage.get("phases"), list):
            yield f"stages[{at}]", stage["phases"]


def _read_mapping(path: Path, file: str) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlaybookError(file, "", "cannot be read; it must be UTF-8 text") from error
    found = yamltext.load(text, file)
    if not isinstance(found, dict):
        raise PlaybookError(file, "", "must be a mapping of keys")
    return found
