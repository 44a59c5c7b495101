"""System checks: every playbook can be read, so a mistake stops the start and not a wizard."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from playbooks.exceptions import PlaybookError
from playbooks.library import list_playbooks, playbook_folders
from playbooks.loading import load_folder


@register("playbooks")
def check_playbooks(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """One error for each playbook that cannot be read, or one if there is none at all."""
    folders = playbook_folders()
    if not folders:
        hint = "Put a folder with a playbook.yaml into one of: {}".format(
            ", ".join(str(folder) for folder in settings.PLAYBOOK_DIRS)
        )
        return [Error("No playbook is installed.", hint=hint, id="playbooks.E002")]
    problems: list[CheckMessage] = []
    for folder in folders:
        try:
            load_folder(folder)
        except PlaybookError as error:
            problems.append(Error(str(error), id="playbooks.E001"))
    return problems or _check_keys()


def _check_keys() -> list[CheckMessage]:
    """Two playbooks with one key show only when all are put together."""
    try:
        list_playbooks()
    except PlaybookError as error:
        return [Error(str(error), id="playbooks.E003")]
    return []
