"""Finding, keeping and copying playbooks, and the system checks that read them all."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from playbooks.exceptions import PlaybookError, PlaybookUnknown
from playbooks.library import from_snapshot, get_playbook, list_playbooks, parse
from tests.playbooks.samples import sample
from tests.playbooks.test_loading import write_playbook


def checked() -> list[tuple[str, str]]:
    return [(message.id or "", message.msg) for message in run_checks(tags=["playbooks"])]


def test_library_holds_the_installed_playbooks() -> None:
    assert list_playbooks() == ("teams-upgrade", "windows-refresh")


def test_playbook_is_read_once() -> None:
    assert get_playbook("teams-upgrade") is get_playbook("teams-upgrade")


@pytest.mark.parametrize("key", ["", "teams", "Teams-Upgrade", "../teams_upgrade", "a\0b"])
def test_unknown_playbook_names_those_there_are(key: str) -> None:
    with pytest.raises(PlaybookUnknown) as caught:
        get_playbook(key)
    assert str(caught.value) == (
        f"There is no playbook “{key}”. Choose one of: teams-upgrade, windows-refresh."
    )


@pytest.mark.parametrize("key", list_playbooks())
def test_snapshot_gives_back_an_equal_playbook(key: str) -> None:
    playbook = get_playbook(key)
    kept = json.loads(json.dumps(playbook.to_snapshot()))
    assert from_snapshot(kept) == playbook
    assert from_snapshot(kept).to_snapshot() == kept


def test_snapshot_keeps_exact_numbers() -> None:
    playbook = parse(sample(), "sample")
    assert playbook.goals[0].target == Decimal("80.5")
    assert playbook.to_snapshot()["goals"][0]["target"] == "80.5"


def test_broken_snapshot_is_a_playbook_error() -> None:
    kept = parse(sample(), "sample").to_snapshot()
    del kept["roles"]
    with pytest.raises(PlaybookError, match=r"^snapshot: roles: is missing$"):
        from_snapshot(kept)


def test_running_project_is_not_stopped_by_rules_made_since() -> None:
    kept = parse(sample(), "sample").to_snapshot()
    kept["window_days"] = 0
    with pytest.raises(PlaybookError):
        parse({key: value for key, value in kept.items() if key != "source"}, "sample")
    assert from_snapshot(kept).window_days == 0


def test_copy_made_before_a_field_with_a_default_was_added_is_read() -> None:
    playbook = parse(sample(), "sample")
    kept = playbook.to_snapshot()
    del kept["notes"], kept["stages"][0]["phases"][0]["steps"][0]["until_offset_days"]
    assert from_snapshot(kept) == playbook


def test_checks_are_silent_for_the_installed_playbooks() -> None:
    assert checked() == []


def test_checks_name_every_broken_playbook(settings: Settings, tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = write_playbook(tmp_path / name, {**sample(), "key": name, "title": 7})
        assert (folder / "playbook.yaml").is_file()
    settings.PLAYBOOK_DIRS = [tmp_path]
    assert checked() == [
        ("playbooks.E001", "one/playbook.yaml: title: must be a text, not '7'"),
        ("playbooks.E001", "two/playbook.yaml: title: must be a text, not '7'"),
    ]


def test_checks_refuse_two_playbooks_with_one_key(settings: Settings, tmp_path: Path) -> None:
    write_playbook(tmp_path / "one", sample())
    write_playbook(tmp_path / "two", sample())
    settings.PLAYBOOK_DIRS = [tmp_path]
    sentence = "two/playbook.yaml: key: 'sample' is one's already"
    assert checked() == [("playbooks.E003", sentence)]


def test_checks_refuse_an_empty_library(settings: Settings, tmp_path: Path) -> None:
    settings.PLAYBOOK_DIRS = [tmp_path, tmp_path / "absent"]
    assert checked() == [("playbooks.E002", "No playbook is installed.")]


def test_a_further_folder_adds_a_playbook(settings: Settings, tmp_path: Path) -> None:
    write_playbook(tmp_path / "one", sample())
    settings.PLAYBOOK_DIRS = [*settings.PLAYBOOK_DIRS, tmp_path]
    assert list_playbooks() == ("sample", "teams-upgrade", "windows-refresh")
    assert get_playbook("sample").source == "one"
