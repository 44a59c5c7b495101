"""The playbooks that are installed: every folder with a ``playbook.yaml`` in ``PLAYBOOK_DIRS``.

Read once per process. No database: a running project reads its own copy with ``from_snapshot``.
"""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from playbooks.exceptions import PlaybookError, PlaybookUnknown
from playbooks.loading import MAIN_FILE, load_folder
from playbooks.parsing import from_snapshot, parse
from playbooks.schema import Playbook

__all__ = ["from_snapshot", "get_playbook", "list_playbooks", "parse", "playbook_folders"]


def get_playbook(key: str) -> Playbook:
    """The installed playbook with this key; raises ``PlaybookUnknown`` naming all keys."""
    playbooks = _installed(_dirs())
    if key not in playbooks:
        raise PlaybookUnknown(
            _("There is no playbook “%(key)s”. Choose one of: %(keys)s.")
            % {"key": key[:50], "keys": ", ".join(playbooks)}
        )
    return playbooks[key]


def list_playbooks() -> tuple[str, ...]:
    """Keys of all installed playbooks, by title; raises ``PlaybookError`` if one is broken."""
    return tuple(_installed(_dirs()))


def playbook_folders() -> tuple[Path, ...]:
    """The folder of every installed playbook, read or not."""
    return tuple(
        path.parent for folder in _dirs() for path in sorted(folder.glob(f"*/{MAIN_FILE}"))
    )


def _dirs() -> tuple[Path, ...]:
    return tuple(Path(folder) for folder in settings.PLAYBOOK_DIRS)


@cache
def _installed(dirs: tuple[Path, ...]) -> dict[str, Playbook]:
    """Keyed by the directories, so that tests with directories of their own do not see ours."""
    found: dict[str, Playbook] = {}
    for folder in playbook_folders():
        playbook = load_folder(folder)
        if playbook.key in found:
            other = found[playbook.key].source
            raise PlaybookError(
                f"{folder.name}/{MAIN_FILE}", "key", f"'{playbook.key}' is {other}'s already"
            )
        found[playbook.key] = playbook
    return dict(sorted(found.items(), key=lambda item: item[1].title))
