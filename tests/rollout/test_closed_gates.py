"""A closed go/no-go stops nothing that a named person orders; it is shown and written down."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from time_machine import Traveller

from accounts.models import User
from cohorts.models import Cohort
from communications.services.approval import approve_occurrence
from communications.services.ordering import schedule_occurrence
from communications.services.pipeline.clock import database_now
from projects.models import Event, Project
from tests.rollout.whole import add_people, let_through, whole_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("march")]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
NOTE = (
    "Note: the go/no-go of “Wave 1” is closed. It was done all the same, and the record says so.\n"
)
# What mails people says whom, before it does.
THREE = ", ".join(f"Person {n} (person{n}@example.org)" for n in range(3))
WHOM = f"It goes to 3 people, among them {THREE}.\n"


@pytest.fixture
def cohort(manager: User) -> Cohort:
    found: Cohort = whole_project(manager).cohorts.get(name="Wave 1")
    add_people(found, 3)
    return found


def command(name: str, *arguments: str) -> tuple[Any, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(name, *arguments, "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def orders(cohort: Cohort, manager: User, folder: Path) -> dict[str, tuple[str, ...]]:
    """{verb of the record: command}"""
    slug, survey = cohort.project.slug, cohort.surveys.get()
    who = ("--cohort", cohort.name, "--as", manager.email)
    return {
        "occurrence.approved": ("send_message", slug, "U1", *who),
        "survey.opened": ("open_survey", slug, survey.key, *who),
        "modes.exported": ("export_powershell", slug, cohort.name, "--out", str(folder)),
    }


@pytest.mark.parametrize("verb", ["occurrence.approved", "survey.opened", "modes.exported"])
def test_orders_name_the_closed_gate(
    verb: str, cohort: Cohort, manager: User, tmp_path: Path
) -> None:
    result, error = command(*orders(cohort, manager, tmp_path)[verb])
    assert (result["gate"], error.removeprefix(WHOM)) == ("closed", NOTE)
    event = Event.objects.filter(verb=verb).order_by("-pk").first()
    assert event is not None
    assert event.data["gate"] == "closed"


def test_what_is_ordered_is_now_though_our_clock_is_behind_the_databases(
    cohort: Cohort, manager: User, tmp_path: Path, march: Traveller
) -> None:
    march.move_to(LONG_AGO)
    command(*orders(cohort, manager, tmp_path)["occurrence.approved"])
    assert Event.objects.get(verb="occurrence.approved").data["gate"] == "closed"


@pytest.mark.parametrize("verb", ["occurrence.approved", "survey.opened", "modes.exported"])
def test_orders_say_nothing_of_an_open_gate(
    verb: str, cohort: Cohort, manager: User, tmp_path: Path
) -> None:
    let_through(cohort, manager)
    result, error = command(*orders(cohort, manager, tmp_path)[verb])
    assert (result.get("gate"), error.removeprefix(WHOM)) == (None, "")
    event = Event.objects.filter(verb=verb).order_by("-pk").first()
    assert event is not None
    assert "gate" not in event.data


def test_what_is_approved_for_later_is_no_order(cohort: Cohort, manager: User) -> None:
    """As a survey's reminders are."""
    schedule_occurrence(
        message=cohort.occurrences.get(message__key="U1").message,
        cohort=cohort,
        anchor_key="later",
        due_at=database_now() + timedelta(days=1),
        acting_user=manager,
        is_approved=True,
    )
    assert "gate" not in Event.objects.get(verb="occurrence.approved").data


def test_what_waits_for_its_day_is_no_order(cohort: Cohort, manager: User) -> None:
    occurrence = cohort.occurrences.get(message__key="U1")
    approve_occurrence(occurrence=occurrence, acting_user=manager)
    event = Event.objects.get(verb="occurrence.approved")
    assert "gate" not in event.data


def test_pages_name_the_closed_gate(cohort: Cohort, manager: User, viewer: User, as_user: Any):
    words = "Nobody has said go for “Wave 1” yet."
    project: Project = cohort.project
    late = cohort.occurrences.get(message__key="U1")
    late.not_after = late.due_at = cohort.project.created_at
    late.state = "missed"
    late.save()
    base = f"/projects/{project.slug}"
    pages = [
        f"{base}/communications/{late.pk}/",
        f"{base}/surveys/{cohort.surveys.get().pk}/",
        f"{base}/cohorts/{cohort.pk}/scripts/",
    ]
    client = as_user(manager)
    assert [words in client.get(page).content.decode() for page in pages] == [True] * 3
    planned = cohort.occurrences.get(message__key="U3")
    assert words not in client.get(f"{base}/communications/{planned.pk}/").content.decode()
    let_through(cohort, manager)
    assert [words in client.get(page).content.decode() for page in pages] == [False] * 3
