"""`demo`: two believable projects in an empty database, made by the services everybody uses."""

import io
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_django
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.timezone import localdate, now

from accounts.models import User
from communications.models import Delivery
from dashboards.queries.attention import attention
from dashboards.queries.situation import ProjectState, project_state
from projects.models import Event, Project
from rollout.demo.channels import NAMES
from rollout.demo.people import DOMAIN, TEAMS
from rollout.demo.sink import mails_stay_here
from surveys.models import Response
from tests.listener import read
from tests.rollout.test_create import rows

PASSWORD = "demo-demo-demo"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
def test_demo_is_a_project_in_mid_flight_and_a_fresh_one(
    settings: pytest_django.Settings, tmp_path: Path
) -> None:
    """One test, for its history takes a while to tell."""
    settings.MAILBOX_DIR = str(tmp_path / "mailbox")
    made = demo()
    running, fresh = (Project.objects.get(slug=slug) for slug in made["projects"])

    state = project_state(running, now())
    assert_waves_stand_where_they_should(state)
    assert_something_needs_somebody(state)
    assert_mails_stayed_here(running, tmp_path / "mailbox")
    assert_history_is_recorded(running)
    assert_fresh_project_waits_for_its_people(fresh)
    assert_accounts_may_look(made, running)
    assert_second_time_is_refused()


def demo() -> Any:
    out = io.StringIO()
    call_command("demo", "--password", PASSWORD, "--json", stdout=out)
    return json.loads(out.getvalue())


def assert_waves_stand_where_they_should(state: ProjectState) -> None:
    people = sum(team.people for team in TEAMS)
    assert 350 <= people <= 450
    assert state.people.people == people + 1  # somebody has just begun
    pilot, first, second, *others = state.cohorts
    assert [row.cohort.status for row in state.cohorts] == [
        "finished",
        "switched",
        *["planned"] * (1 + len(others)),
    ]
    today = localdate()
    assert today - timedelta(days=8) <= first.cohort.switch_on <= today - timedelta(days=1)
    assert pilot.counts.switched == pilot.people
    assert first.counts.switched == first.people
    assert 0 < second.counts.told <= second.people
    assert second.counts.switched == 0
    assert pilot.counts.verified == pilot.people
    assert first.counts.verified + first.counts.drift == first.people
    assert first.counts.drift > 0
    assert pilot.answered > pilot.people / 3
    assert second.cohort.switch_on > today


def assert_something_needs_somebody(state: ProjectState) -> None:
    words = {item.word for item in attention(state.situation)}
    assert {"Overdue", "Goal"} <= words
    assert 0 < state.steps_done < state.steps_total
    assert state.project.risks.count() > 0
    assert Response.objects.filter(survey__project=state.project).count() > 10
    assert {row.status for row in state.goals} >= {"on_target", "off_track"}


def assert_mails_stayed_here(project: Project, folder: Path) -> None:
    mails = Delivery.objects.filter(occurrence__project=project)
    assert set(mails.values_list("state", flat=True)) <= {"sent", "cancelled", "skipped"}
    # Whoever moved to another cohort has had some of its messages with their first one.
    why = set(mails.filter(state="skipped").values_list("reason", flat=True))
    assert {reason.rpartition(" with ")[0] for reason in why} == {"had it"}
    sent = Delivery.objects.filter(occurrence__project=project, state="sent")
    posts = sent.filter(channel__isnull=False).values_list("channel__name", "address")
    assert sorted(posts) == [(name, name) for name in sorted(NAMES)]
    for channel in project.teams_channels.all():  # nobody is posted to by accident
        assert channel.masked.startswith("https://demo-")
    mails = [read(path.read_bytes()) for path in (folder / "new").iterdir()]
    assert len(mails) == sent.filter(channel=None).count()
    assert {mail.to.split("@")[1] for mail in mails} == {DOMAIN}


def assert_history_is_recorded(project: Project) -> None:
    """Nothing is dated ahead of now, and what people did has a name on it."""
    assert not Event.objects.filter(project=project, at__gt=now()).exists()
    verbs = set(Event.objects.filter(project=project).values_list("verb", flat=True))
    assert verbs >= {
        *("project.created", "people.imported", "occurrence.approved", "cohort.switched"),
        *("cohort.finished", "survey.opened", "survey.closed", "step.done", "risk.added"),
    }


def assert_fresh_project_waits_for_its_people(project: Project) -> None:
    assert project.participants.count() == 0
    assert project.starts_on >= localdate() - timedelta(days=1)
    assert set(project.steps.values_list("status", flat=True)) == {"todo"}


def assert_accounts_may_look(made: Any, project: Project) -> None:
    assert made["accounts"] == [
        "admin@demo.example",
        "manager@demo.example",
        "viewer@demo.example",
    ]
    for email in made["accounts"]:
        client = Client()
        user = User.objects.get(email=email)
        assert user.check_password(PASSWORD)
        client.force_login(user)
        for path in ("", "timeline/", "steps/", "communications/", "surveys/", "people/"):
            page = client.get(f"/projects/{project.slug}/{path}")
            assert (path, page.status_code) == (path, 200)


def assert_second_time_is_refused() -> None:
    before = rows()
    with pytest.raises(CommandError) as refusal:
        call_command("demo", stdout=io.StringIO())
    assert str(refusal.value) == (
        "There are projects already. The demo fills an empty installation only."
    )
    assert refusal.value.returncode == 1
    assert rows() == before


def test_mails_go_elsewhere_again_afterwards(settings: pytest_django.Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.MAILBOX_DIR = "mail.example.org", 25, ""
    with mails_stay_here():
        assert (settings.EMAIL_HOST, settings.EMAIL_PORT) != ("mail.example.org", 25)
    assert (settings.EMAIL_HOST, settings.EMAIL_PORT) == ("mail.example.org", 25)


def test_demo_says_what_a_production_installation_lacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "rollout.demo.sink", raising=False)
    monkeypatch.setitem(sys.modules, "aiosmtpd.controller", None)
    with pytest.raises(CommandError) as refusal:
        call_command("demo", "--password", "long enough to be one")
    assert str(refusal.value) == (
        "The demo needs the package aiosmtpd.controller. Install requirements-local.txt, try again."
    )
    assert not User.objects.exists()
