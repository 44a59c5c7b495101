"""A rehearsal lists what then happens, and leaves nothing behind."""

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Cohort
from common.exceptions import DomainError
from common.working_days import is_working_day
from communications.enums import OccurrenceState
from communications.models import Delivery, Message, Occurrence
from communications.services.approval import approve_occurrence
from projects.models import Project
from rollout.rehearsal import Rehearsal
from rollout.services.rehearsal import rehearse
from tests.communications.pipeline import run_worker
from tests.communications.sink import Sink
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import (
    MessageFactory,
    OccurrenceFactory,
    SuppressionFactory,
    TeamsChannelFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def wave(project: Project) -> Cohort:
    cohort: Cohort = CohortFactory(project=project, name="Wave 1")
    for number in range(3):
        MembershipFactory(
            cohort=cohort,
            participant__project=project,
            participant__display_name=f"Person {number}",
            participant__upn=f"p{number}@example.org",
            participant__mail="",
        )
    return cohort


def planned(cohort: Cohort, title: str, **also: Any) -> Occurrence:
    message: Message = MessageFactory(
        project=cohort.project, title=title, audience_kind="cohort", cohort_kind=cohort.kind
    )
    due_at = also.pop("due_at", now() + timedelta(days=1))
    occurrence: Occurrence = OccurrenceFactory(
        **{
            "message": message,
            "project": cohort.project,
            "cohort": cohort,
            "due_at": due_at,
            "not_after": due_at + timedelta(days=3),
            "state": OccurrenceState.PLANNED,
            **also,
        }
    )
    return occurrence


def everything() -> dict[str, list[Any]]:
    """Every row of every table, so that nothing that stays can hide."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = {}
        for table in tables:
            cursor.execute(f'SELECT md5(t::text) FROM "{table}" t ORDER BY 1')  # noqa: S608
            found[table] = cursor.fetchall()
    return found


def seen(found: Rehearsal) -> list[tuple[str, str, dict[str, int]]]:
    return [(one.title, one.cohort, dict(one.states)) for one in found.sendings]


def test_it_lists_what_would_go_out_and_leaves_nothing_behind(wave: Cohort, manager: User) -> None:
    planned(wave, "One")
    planned(wave, "Two", due_at=now() + timedelta(days=2))
    planned(wave, "Far", due_at=now() + timedelta(days=20))
    SuppressionFactory(address_key="p1@example.org", reason="bounced")
    before = everything()
    found = rehearse(project=wave.project, days=7, acting_user=manager)
    assert everything() == before
    states = {"sent": 2, "skipped": 1}
    assert seen(found) == [("One", "Wave 1", states), ("Two", "Wave 1", states)]
    assert found.sendings[0].reasons == Counter({"suppressed: bounced": 1})
    assert found.sendings[0].people == ["Person 1", "Person 0", "Person 2"]
    assert (found.mails, found.is_whole) == (4, True)
    assert "“One, Wave 1” was approved for 2 people." in [m.sentence for m in found.moves]


def test_what_nobody_approved_would_be_missed(wave: Cohort, manager: User) -> None:
    planned(wave, "One")
    found = rehearse(project=wave.project, days=7, acting_user=manager, is_approving=False)
    assert (seen(found), [move.sentence for move in found.moves]) == (
        [],
        ["“One” was not sent in time. Decide whether it still should go out."],
    )


def test_it_says_what_then_happens(wave: Cohort, manager: User, sink: Sink) -> None:
    """The same three people, the same states, once the day has come."""
    occurrence = planned(wave, "One", due_at=now() + timedelta(hours=1))
    SuppressionFactory(address_key="p2@example.org")
    found = rehearse(project=wave.project, days=1, acting_user=manager)
    approve_occurrence(occurrence=occurrence, acting_user=manager)
    Occurrence.objects.update(due_at=now())
    run_worker()
    rows = Delivery.objects.values_list("state", flat=True)
    assert found.sendings[0].states == Counter(rows) == Counter({"sent": 2, "skipped": 1})


def test_other_projects_stand_still(wave: Cohort, manager: User) -> None:
    other = CohortFactory()
    MembershipFactory(cohort=other, participant__project=other.project)
    planned(other, "Elsewhere", state=OccurrenceState.APPROVED)
    planned(wave, "Here")
    found = rehearse(project=wave.project, days=7, acting_user=manager)
    assert [one.title for one in found.sendings] == ["Here"]


def test_the_weekly_number_holds_in_a_rehearsal_as_well(wave: Cohort, manager: User) -> None:
    for number in range(6):
        planned(wave, f"Mail {number}", due_at=now() + timedelta(hours=1 + number))
    found = rehearse(project=wave.project, days=1, acting_user=manager)
    assert [one.sent for one in found.sendings] == [3, 3, 3, 3, 3, 0]
    reason = "5 mails this week already, the last was “Mail 4”"
    assert found.sendings[-1].reasons == Counter({reason: 3})
    assert any("3 people get more than one mail on" in text for text in found.conflicts)


def test_a_switch_in_a_freeze_and_a_mail_on_a_sunday_are_pointed_out(
    wave: Cohort, manager: User
) -> None:
    in_a_week = now() + timedelta(days=7)
    sunday = in_a_week + timedelta(days=6 - in_a_week.weekday())
    wave.project.freezes.create(title="Year end", starts_on=sunday.date(), ends_on=sunday.date())
    Cohort.objects.filter(pk=wave.pk).update(
        switch_on=sunday.date(), ends_on=sunday.date() + timedelta(days=1)
    )
    noon = datetime(sunday.year, sunday.month, sunday.day, 12, tzinfo=UTC)
    planned(wave, "Hello", due_at=noon)
    found = rehearse(project=wave.project, days=20, acting_user=manager)
    assert ["freeze “Year end”" in text for text in found.conflicts] == [True, False]
    assert "“Hello” goes out on a weekend" in found.conflicts[1]


def test_who_works_on_sunday_gets_it_on_sunday(wave: Cohort, manager: User) -> None:
    days = [now().date() + timedelta(days=n) for n in range(2, 50)]
    sunday = next(day for day in days if day.weekday() == 6 and is_working_day(day, "SA"))
    noon = datetime(sunday.year, sunday.month, sunday.day, 12, tzinfo=UTC)
    wave.project.participants.filter(display_name="Person 1").update(usage_location="SA")
    monday = noon + timedelta(days=1)
    hello = planned(wave, "Hello", due_at=monday, wall_at=monday, timezone="UTC")
    Message.objects.filter(pk=hello.message_id).update(is_working_day=True, offset_days=0)
    Cohort.objects.filter(pk=wave.pk).update(switch_on=sunday, ends_on=sunday + timedelta(days=1))
    found = rehearse(project=wave.project, days=60, acting_user=manager)
    assert [(one.at, one.people) for one in found.sendings] == [
        (noon, ["Person 1"]),
        (monday, ["Person 0", "Person 2"]),
    ]
    assert found.conflicts == ()


@pytest.mark.parametrize("days", [0, -1, 61])
def test_a_number_of_days_that_makes_no_sense(project: Project, manager: User, days: int) -> None:
    with pytest.raises(DomainError, match="between 1 and 60"):
        rehearse(project=project, days=days, acting_user=manager)


def test_more_than_anybody_waits_for_is_cut(wave: Cohort, manager: User) -> None:
    planned(wave, "One")
    planned(wave, "Two", due_at=now() + timedelta(days=2))
    found = rehearse(project=wave.project, days=7, acting_user=manager, most_mails=3)
    assert (found.is_whole, [one.title for one in found.sendings]) == (False, ["One"])


# ---- page and command


def test_the_page_asks_first_and_then_shows(client: Client, wave: Cohort, manager: User) -> None:
    client.force_login(manager)
    planned(wave, "One")
    url = reverse("rollout:rehearsal", args=[wave.project.slug])
    assert client.get(url).context["found"] is None
    answer = client.get(url, {"days": "7"})
    assert (answer.status_code, answer.context["found"].mails) == (200, 3)
    assert client.get(url, {"days": "900"}).status_code == 422
    assert Delivery.objects.count() == 0


def test_the_command_writes_every_mail(wave: Cohort, manager: User, tmp_path: Path) -> None:
    planned(wave, "=cmd()")
    out, file = io.StringIO(), tmp_path / "mails.csv"
    call_command(
        *("rehearse", wave.project.slug, "--as", manager.email, "--mails", str(file), "--json"),
        stdout=out,
    )
    assert json.loads(out.getvalue())["mails"] == 3
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [(row["message"], row["name"], row["state"]) for row in rows] == [
        ("'=cmd()", f"Person {number}", "sent") for number in range(3)
    ]
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("rehearse", wave.project.slug, "--as", manager.email, "--mails", str(tmp_path))


def test_cards_and_items_are_rehearsed_too(wave: Cohort, manager: User) -> None:
    """Two cards to one channel, and nothing is posted: the address leads nowhere."""
    channel = TeamsChannelFactory(project=wave.project, name="News")
    due_at = now() + timedelta(days=1)
    for title, kind in (("Card", "teams"), ("Second card", "teams"), ("Poster", "poster")):
        occurrence = planned(wave, title, due_at=due_at)
        Message.objects.filter(pk=occurrence.message_id).update(
            channel=kind,
            audience_kind="channels" if kind == "teams" else "cohort",
            audience_params={"channels": [channel.pk]},
            body="On {switch_date}",
        )
    before = everything()
    found = rehearse(project=wave.project, days=2, acting_user=manager)
    assert everything() == before
    assert [(s.title, dict(s.states), s.people) for s in found.sendings] == [
        ("Card", {"sent": 1}, ["News"]),
        ("Second card", {"sent": 1}, ["News"]),
    ]
    assert "“Poster, Wave 1” is done." in [move.sentence for move in found.moves]
    assert [one for one in found.conflicts if "more than one mail" in one] == []
