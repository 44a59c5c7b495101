"""Scripts and verification from a shell."""

import hashlib
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cohorts.models import Membership
from playbooks.library import get_playbook
from projects.models import Event
from tests.factories.cohorts import CohortFactory, MembershipFactory


@pytest.fixture
def project(project):
    project.playbook_snapshot = get_playbook("teams-upgrade").to_snapshot()
    project.save(update_fields=["playbook_snapshot"])
    return project


@pytest.fixture
def wave(project):
    wave = CohortFactory(project=project, name="Wave 1")
    MembershipFactory(cohort=wave, participant__upn="a@x.org")
    return wave


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_export_powershell_writes_files_and_says_their_hashes(project, wave, manager, tmp_path):
    folder = tmp_path / "new" / "scripts"
    args = (project.slug, "wave 1", "--out", str(folder), "--as", manager.email, "--json")
    result = json.loads(run("export_powershell", *args))
    assert {name: result[name] for name in ("cohort", "method", "people", "batches")} == {
        "cohort": "Wave 1",
        "method": "batch",
        "people": 1,
        "batches": 1,
    }
    assert (result["skipped"], result["warnings"]) == ([], [])
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in written.items()}
    assert {file["name"]: file["sha256"] for file in result["files"]} == hashes
    assert Event.objects.get().actor == manager


def test_export_powershell_in_words(project, wave, tmp_path):
    MembershipFactory(cohort=wave, participant__upn="", participant__mail="m@x.org")
    said = run("export_powershell", project.slug, "Wave 1", "--out", str(tmp_path))
    assert said == f"1 people in 1 batches, 1 skipped: {tmp_path}\n  m@x.org has no UPN\n"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["SLUG", "Wave 9"], "There is no cohort “Wave 9” in “SLUG”."),
        (["missing", "Wave 1"], "There is no project “missing”."),
        (["SLUG", "Wave 1", "--method", "fax"], "There is no method “fax”."),
        (["SLUG", "Wave 1", "--as", "x@y.z"], "There is no account with the address “x@y.z”."),
    ],
)
def test_export_powershell_refuses_with_one_line(project, wave, tmp_path, args, sentence):
    given = [arg.replace("SLUG", project.slug) for arg in args]
    with pytest.raises(CommandError) as caught:
        run("export_powershell", *given, "--out", str(tmp_path))
    assert str(caught.value).startswith(sentence.replace("SLUG", project.slug))
    assert list(tmp_path.iterdir()) == []
    assert Membership.objects.get().exported_at is None


def test_export_powershell_names_a_folder_it_cannot_write(project, wave, tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(CommandError, match="cannot be written"):
        run("export_powershell", project.slug, "Wave 1", "--out", str(file))
    assert (Membership.objects.get().exported_at, Event.objects.count()) == (None, 0)


def test_verify_modes_prints_its_result_alone(project, wave, manager, tmp_path):
    path = tmp_path / "modes.csv"
    path.write_text("UserPrincipalName,TeamsUpgradeEffectiveMode\nA@x.org,TeamsOnly\nz@x.org,x\n")
    args = ("verify_modes", project.slug, str(path), "--as", manager.email)
    expected = {"rows": 2, "verified": 1, "drift": 0, "pending": 0, "unknown": 1}
    assert json.loads(run(*args, "--json")) == expected
    assert run(*args) == "2 rows: 1 verified, 0 drift, 0 pending, 1 unknown.\n"
    assert Event.objects.first().actor == manager


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Name\nAnna\n", "The header names no people: it needs a column “UserPrincipalName”."),
        (None, "The file “"),
    ],
)
def test_verify_modes_refuses_with_one_line(project, wave, tmp_path, text, sentence):
    path = tmp_path / "modes.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CommandError) as caught:
        run("verify_modes", project.slug, str(path), "--json")
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)
    assert Event.objects.count() == 0
