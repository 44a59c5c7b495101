"""One running instance per data folder: its lock, and the note by which others find it.

The lock is the kernel's and ends with the process, however it ends; the note alone proves
nothing, so it is only believed while the lock is held.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from upgrade_tracker.launch.errors import LaunchError
from upgrade_tracker.launch.keys import write_private


def lock(folder: Path) -> IO[str] | None:
    """The lock of the data folder, or None when somebody holds it. Keep it open to keep it."""
    file = (folder / "run.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Holds the lock; a second instance is refused with the first one's address."""
    held = lock(folder)
    if held is None:
        note = read_note(folder)
        where = f" at {note['SITE_URL']}" if note.get("SITE_URL") else ""
        raise LaunchError(
            f"Upgrade Tracker is already running{where} with the data folder {folder}. "
            "Stop it first, or set UPGRADE_TRACKER_VAR to another folder."
        )
    with held:
        yield


def write_note(folder: Path, environment: Mapping[str, str]) -> None:
    write_private(folder / "run.json", json.dumps(dict(environment), indent=2))


def remove_note(folder: Path) -> None:
    (folder / "run.json").unlink(missing_ok=True)


def read_note(folder: Path) -> dict[str, str]:
    try:
        note: dict[str, str] = json.loads((folder / "run.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return note


def running_environment(folder: Path) -> dict[str, str] | None:
    """What a running instance of this folder gave its processes, or None when none runs."""
    held = lock(folder)
    if held is None:
        return read_note(folder) or None
    held.close()
    return None
