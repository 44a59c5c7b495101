"""A playbook's folder to a playbook: merges its files and remembers which key stood where.

``playbook.yaml`` and its neighbours each hold some of the top-level keys. A phase is named in
``stages[].phases`` and written in ``phases/<key>.yaml``, so no file grows beyond one's patience;
the text of a script of ``scripts`` stands in ``scripts/<key>.ps1``.
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
    places.extend(_insert_scripts(merged, folder))
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


def _insert_scripts(merged: dict[str, Any], folder: Path) -> Iterator[Place]:
    """Gives each entry of ``scripts`` the text of its file; a file nobody names is a mistake."""
    files = {path.stem: path for path in sorted((folder / "scripts").glob("*.ps1"))}
    named = merged.get("scripts")
    for at, script in enumerate(named if isinstance(named, list) else []):
        if isinstance(script, dict) and "text" not in script and script.get("key") in files:
            path = files.pop(script["key"])
            file = f"{folder.name}/scripts/{path.name}"
            script["text"] = _read_text(path, file)
            prefix = f"scripts[{at}].text"
            yield Place(prefix=prefix, file=file, cut=len(prefix))
    for key in files:
        raise PlaybookError(f"{folder.name}/scripts/{key}.ps1", "", "no script has this key")


def _phase_lists(merged: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """Shapes that do not fit are left for the reader, which has the better sentence."""
    stages = merged.get("stages")
    for at, stage in enumerate(stages if isinstance(stages, list) else []):
        if isinstance(stage, dict) and isinstance(stage.get("phases"), list):
            yield f"stages[{at}]", stage["phases"]


def _read_text(path: Path, file: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlaybookError(file, "", "cannot be read; it must be UTF-8 text") from error


def _read_mapping(path: Path, file: str) -> dict[str, Any]:
    found = yamltext.load(_read_text(path, file), file)
    if not isinstance(found, dict):
        raise PlaybookError(file, "", "must be a mapping of keys")
    return found
