"""`create_project`: JSON or words on standard output, or one line on standard error and nothing."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from accounts.models import User
from projects.models import Project, Stakeholder
from rollout.drafts import plan_project
from tests.rollout.drafts import draft_for
from tests.rollout.test_create import rows

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "--playbook": "teams-upgrade",
    "--name": "Nordwind Energie",
    "--start": "2038-01-04",
    "--timezone": "Europe/Berlin",
    "--cohorts": "4",
    "--owner": "mona@example.com",
}


def run(*more: str, **changes: str) -> str:
    given = {**GOOD, **{f"--{name.replace('_', '-')}": text for name, text in changes.items()}}
    out = io.StringIO()
    call_command(
        "create_project", *[word for pair in given.items() for word in pair], *more, stdout=out
    )
    return out.getvalue()


@pytest.mark.django_db
def test_json_names_the_slug_and_the_warnings() -> None:
    result = json.loads(run("--json"))
    assert result == {"slug": "nordwind-energie", "warnings": []}
    project = Project.objects.get(slug="nordwind-energie")
    assert project.cohorts.count() == 5  # the pilot comes on top
    assert (project.from_mode, project.to_mode) == ("Islands", "TeamsOnly")


@pytest.mark.django_db
def test_words_name_the_slug_and_the_warnings() -> None:
    draft = draft_for("teams-upgrade", wave_count=6)
    warnings = [str(warning.sentence) for warning in plan_project(draft).schedule.warnings]
    assert len(warnings) == 1
    assert run(cohorts="6").splitlines() == ["nordwind-energie", *warnings]


@pytest.mark.django_db
def test_target_and_modes_can_be_given() -> None:
    run(target="2038-12-01", from_mode="SfBOnly", to_mode="TeamsOnly")
    project = Project.objects.get()
    assert project.target_on.isoformat() == "2038-12-01"
    assert (project.from_mode, project.to_mode) == ("SfBOnly", "TeamsOnly")


@pytest.mark.django_db(transaction=True)
def test_unknown_owner_is_invited_and_known_one_is_taken() -> None:
    run()
    run(owner="MONA@example.com", name="Second")
    user = User.objects.get(email="mona@example.com")
    assert not user.has_usable_password()
    assert [message.to for message in mail.outbox] == [["mona@example.com"]]
    assert list(
        Stakeholder.objects.order_by("pk").values_list("user", "access", "project__slug")
    ) == [(user.pk, "manager", "nordwind-energie"), (user.pk, "manager", "second")]


BAD = [
    (
        {"target": "2026-12-31"},
        "The target date must lie after the start. Choose a later target or leave it out.",
    ),
    (
        {"target": "2038-01-04"},
        "The target date must lie after the start. Choose a later target or leave it out.",
    ),
    (
        {"playbook": "no-such"},
        "There is no playbook “no-such”. Choose one of: teams-upgrade, windows-refresh.",
    ),
    ({"playbook": "../teams_upgrade"}, None),
    ({"cohorts": "0"}, "A project needs at least one wave after the pilot."),
    ({"cohorts": "-1"}, None),
    ({"cohorts": "²"}, "“²” is not a number of waves. Write it like 4."),
    (
        {"cohorts": "61"},
        "At most 60 waves fit into one project. Make them larger, or make two projects.",
    ),
    ({"cohorts": "99999999999999999999"}, None),
    (
        {"timezone": "Mars/Olympus"},
        "“Mars/Olympus” is not a time zone. Write it like Europe/Berlin.",
    ),
    ({"timezone": "../../etc/passwd"}, None),
    ({"timezone": ""}, None),
    ({"start": "2038-13-01"}, "“2038-13-01” is not a date. Write it like 2027-01-31."),
    ({"start": "tomorrow"}, "“tomorrow” is not a date. Write it like 2027-01-31."),
    ({"start": "9999-12-31"}, "Choose dates between 2000 and 2100."),
    ({"target": "20380132"}, None),
    ({"name": "   "}, "Give the project a name."),
    ({"name": "x" * 201}, "Give the project a name of at most 200 characters."),
    ({"name": "a\0b"}, "An argument holds characters that cannot be read. Type it again."),
    ({"name": "\udcff"}, "An argument holds characters that cannot be read. Type it again."),
    ({"playbook": "a\0b"}, "An argument holds characters that cannot be read. Type it again."),
    ({"start": "2038\0"}, None),
    ({"target": "\0"}, None),
    ({"cohorts": "4\0"}, None),
    ({"timezone": "a\0b"}, "An argument holds characters that cannot be read. Type it again."),
    ({"from_mode": "a\0b"}, "An argument holds characters that cannot be read. Type it again."),
    ({"owner": "a\0@b.c"}, "An argument holds characters that cannot be read. Type it again."),
    ({"owner": "mona"}, "“mona” is not an e-mail address."),
    ({"to_mode": "no-such"}, None),
    ({"from_mode": "TeamsOnly"}, "The upgrade must end in another mode than it starts in."),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("changes", "sentence"), BAD)
def test_bad_argument_ends_in_one_sentence_and_writes_nothing(
    changes: dict[str, str], sentence: str | None
) -> None:
    before = rows()
    with pytest.raises(CommandError) as refusal:
        run(**changes)
    said = str(refusal.value)
    assert refusal.value.returncode == 1
    assert said
    assert len(said.splitlines()) == 1
    assert "\0" not in said
    if sentence is not None:
        assert said == sentence
    assert rows() == before


def test_refusal_as_a_process_is_exit_1_and_one_line(db: None) -> None:
    """Refused before the database is asked, so it may run against any."""
    command = [sys.executable, "manage.py", "create_project", "--json"]
    command += [word for pair in {**GOOD, "--cohorts": "0"}.items() for word in pair]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "CommandError: A project needs at least one wave after the pilot.\n"
