"""Folders of YAML: what is merged, and that a mistake names the file it stands in."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from playbooks.exceptions import PlaybookError
from playbooks.loading import load_folder
from playbooks.parsing import parse
from tests.playbooks.samples import put, sample


def write(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


def write_playbook(folder: Path, data: dict[str, Any]) -> Path:
    """Messages and the two phases in files of their own, the rest in playbook.yaml."""
    for phase in data["stages"][0]["phases"]:
        write(folder / "phases" / f"{phase['key']}.yaml", phase)
    data["stages"][0]["phases"] = [phase["key"] for phase in data["stages"][0]["phases"]]
    write(folder / "messages.yaml", {"messages": data.pop("messages")})
    write(folder / "playbook.yaml", data)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_playbook(tmp_path / "sample_folder", sample())


def sentence_of(folder: Path) -> str:
    with pytest.raises(PlaybookError) as caught:
        load_folder(folder)
    return str(caught.value)


def test_folder_is_the_same_playbook_as_one_mapping(folder: Path) -> None:
    assert load_folder(folder) == parse(sample(), "sample_folder")


def test_mistake_names_the_file_and_the_key_in_it(tmp_path: Path) -> None:
    spoiled = sample()
    put(spoiled, "messages.1.timing.anchor", "frist_switch")
    assert sentence_of(write_playbook(tmp_path / "one", spoiled)) == (
        "one/messages.yaml: messages[1].timing.anchor: 'frist_switch' is not an anchor; "
        "did you mean 'first_switch'? use one of project_start, pilot_start, pilot_end, "
        "first_switch, last_switch, project_target, cohort_switch, cohort_end, survey_open"
    )


def test_mistake_in_a_phase_names_the_phase_file(tmp_path: Path) -> None:
    spoiled = sample()
    put(spoiled, "stages.0.phases.1.steps.0.roles.responsible", ["X"])
    assert sentence_of(write_playbook(tmp_path / "one", spoiled)) == (
        "one/phases/second.yaml: steps[0].roles.responsible[0]: 'X' is not a role; "
        "use one of LEAD, BOSS"
    )


def test_missing_section_is_looked_for_in_the_main_file(tmp_path: Path) -> None:
    spoiled = sample()
    del spoiled["goals"]
    assert sentence_of(write_playbook(tmp_path / "one", spoiled)) == (
        "one/playbook.yaml: goals: is missing"
    )


def test_phase_without_a_file_is_a_mistake(folder: Path) -> None:
    (folder / "phases" / "second.yaml").unlink()
    assert sentence_of(folder) == (
        "sample_folder/playbook.yaml: stages[0].phases[1]: must be a mapping of keys, not 'second'"
    )


def test_phase_file_that_no_stage_names_is_a_mistake(folder: Path) -> None:
    (folder / "phases" / "third.yaml").write_text("key: third\n", encoding="utf-8")
    assert sentence_of(folder) == "sample_folder/phases/third.yaml: no stage names this phase"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("messages: []\n", "more.yaml: messages: stands in sample_folder/messages.yaml already"),
        ("mesages: []\n", "more.yaml: mesages: unknown key; did you mean 'messages'? use one of"),
        ("source: here\n", "more.yaml: source: unknown key; use one of key,"),
        ("notes: [a]\nnotes: [b]\n", "more.yaml: line 2: the key 'notes' stands twice"),
        ("notes: [a\n", "more.yaml: line 2: expected ',' or ']', but got '<stream end>'"),
        ("1: a\n", "more.yaml: line 1: a key must be a text, not 1"),
        ("- a\n", "more.yaml: must be a mapping of keys"),
        ("", "more.yaml: must be a mapping of keys"),
        ("notes: [!!python/name:os.system x]\n", "more.yaml: line 1: could not determine a"),
        ("notes: ['\x07']\n", "more.yaml: is not valid YAML: unacceptable character #x0007"),
        ("a: 1\n---\nb: 2\n", "more.yaml: line 2: but found another document"),
    ],
)
def test_broken_yaml_names_file_and_line(folder: Path, text: str, sentence: str) -> None:
    (folder / "more.yaml").write_text(text, encoding="utf-8")
    assert sentence_of(folder).startswith(f"sample_folder/{sentence}")


def test_file_that_is_not_utf8_is_a_mistake(folder: Path) -> None:
    (folder / "more.yaml").write_bytes(b"notes: [\xff]\n")
    assert sentence_of(folder) == "sample_folder/more.yaml: cannot be read; it must be UTF-8 text"


def test_yaml_words_and_times_stay_text(folder: Path) -> None:
    (folder / "more.yaml").write_text(
        "notes: [yes, no, on, 10:00, 2038-01-04, 1_000, 0x10, 010, 1.5, .inf]\n", encoding="utf-8"
    )
    words = ("yes", "no", "on", "10:00", "2038-01-04", "1_000", "0x10", "010", "1.5", ".inf")
    assert load_folder(folder).notes == words


def test_the_text_of_a_script_stands_in_its_file(tmp_path: Path) -> None:
    data = sample()
    text = data["scripts"][0].pop("text")
    folder = write_playbook(tmp_path / "one", data)
    assert sentence_of(folder) == "one/playbook.yaml: scripts[0].text: is missing"
    (folder / "scripts").mkdir()
    (folder / "scripts" / "grant.ps1").write_text(text, encoding="utf-8")
    assert load_folder(folder).scripts[0].text == text
    (folder / "scripts" / "grant.ps1").write_text("<<x>>", encoding="utf-8")
    assert sentence_of(folder).startswith("one/scripts/grant.ps1: <<x>> is not a placeholder;")
    (folder / "scripts" / "more.ps1").write_text("more", encoding="utf-8")
    assert sentence_of(folder) == "one/scripts/more.ps1: no script has this key"
