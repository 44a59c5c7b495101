"""The page that moves a switch, the command, the correction as it arrives, and taking it back."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Cohort
from communications.models import Delivery, Message, Occurrence
from communications.rendering import read_mail
from communications.services.sending import send_due
from projects.models import Event, Milestone, Project, Step
from rollout.queries.last_move import last_move
from tests.communications.sink import Sink
from tests.rollout.rescheduling import differences, snapshot
from tests.rollout.whole import add_people, send, whole_project

pytestmark = pytest.mark.django_db(transaction=True)
AsUser = Callable[[User | None], Client]


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with Sink() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def wave(manager: User) -> Cohort:
    """Five people; three of them were told the date by the announcement."""
    starts_on = now().date() - timedelta(days=150)
    project = whole_project(manager, starts_on=starts_on)
    cohort = project.cohorts.get(name="Wave 1")
    people = add_people(cohort, 5)
    announcement = Occurrence.objects.get(cohort=cohort, message__has_calendar=True)
    Occurrence.objects.filter(pk=announcement.pk).update(state="done")
    send(announcement, people[:3])
    Delivery.objects.update(sent_at=now())
    Occurrence.objects.exclude(pk=announcement.pk).update(state="planned")
    cohort.project = project
    return cohort


def url(cohort: Cohort, undo: str = "") -> str:
    return f"/projects/{cohort.project.slug}/cohorts/{cohort.pk}/reschedule/{undo}"


def asked(cohort: Cohort, days: int = 21, **also: str) -> dict[str, str]:
    return {
        "switch_on": (cohort.switch_on + timedelta(days=days)).isoformat(),
        "switch_time": "18:00",
        "timezone": "Europe/Berlin",
        "ends_on": "",
        **also,
    }


def confirmed(client: Client, cohort: Cohort, **also: str) -> dict[str, str]:
    """The form of the second step, as the browser sends it."""
    page = client.post(url(cohort), asked(cohort))
    assert page.status_code == 200
    plan, correction = page.context["plan"], page.context["correction"]
    return asked(cohort, digest=plan.digest, **{**correction.initial, **also})


def test_the_page_shows_all_and_changes_nothing(
    as_user: AsUser, manager: User, wave: Cohort
) -> None:
    client, before = as_user(manager), snapshot()
    assert client.get(url(wave)).status_code == 200
    page = client.post(url(wave), asked(wave))
    text = re.sub(r"\s+", " ", page.content.decode())
    assert page.status_code == 200
    assert "They get one correction, nobody else does." in text
    assert "Move it and tell 3 people" in text
    assert "Among them: Person 0, Person 1, Person 2." in text
    kinds = {change.kind.value for change in page.context["plan"].changing}
    assert kinds == {"message", "survey", "step", "milestone"}
    assert differences(before, snapshot()) == {}
    assert not Event.objects.filter(verb__startswith="cohort.moved").exists()


def test_those_who_were_told_get_one_correction(
    as_user: AsUser, manager: User, wave: Cohort, sink: Sink
) -> None:
    client = as_user(manager)
    data = confirmed(client, wave, subject="Sorry: {switch_date}")
    assert client.post(url(wave), data).status_code == 302
    moved = Cohort.objects.get(pk=wave.pk)
    assert (moved.switch_on, moved.calendar_sequence) == (
        wave.switch_on + timedelta(days=21),
        1,
    )
    send_due()
    assert sorted(mail.recipient for mail in sink.mails) == [
        f"person{n}@example.org" for n in range(3)
    ]
    read = read_mail(sink.mails[0].raw.encode())
    assert read.subject.startswith("Sorry: ")
    assert f"DTSTART;TZID=Europe/Berlin:{moved.switch_on:%Y%m%d}T180000" in read.calendar
    assert "\nSEQUENCE:1\n" in read.calendar
    message = Message.objects.get(audience_kind="told")
    assert (message.is_mandatory, message.has_calendar) == (True, True)
    send_due()
    assert len(sink.mails) == 3


def test_the_second_click_and_an_old_page_are_refused(
    as_user: AsUser, manager: User, wave: Cohort
) -> None:
    client = as_user(manager)
    data = confirmed(client, wave)
    Step.objects.filter(anchor="first_switch", status="todo").order_by("pk")[:1].get().delete()
    before = snapshot()
    page = client.post(url(wave), data)
    assert (page.status_code, differences(before, snapshot())) == (409, {})
    assert page.context["plan"].digest != data["digest"]
    data = confirmed(client, wave)
    assert client.post(url(wave), data).status_code == 302
    assert client.post(url(wave), data).status_code == 422  # that is when it switches already
    assert Message.objects.filter(audience_kind="told").count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"switch_on": "2020-01-01"}, "That date has passed."),
        ({"switch_on": "9999-12-31"}, "Choose a date between 2000 and 2100."),
        ({"switch_on": "soon"}, "Enter a valid date."),
        ({"timezone": "Mars/Base"}, "Select a valid choice."),
        ({"ends_on": "2026-01-01"}, "It would end before it switches."),
    ],
)
def test_dates_that_cannot_be_are_said_beside_the_form(
    as_user: AsUser, manager: User, wave: Cohort, change: dict[str, str], sentence: str
) -> None:
    page = as_user(manager).post(url(wave), asked(wave, **change))
    assert (page.status_code, sentence in page.content.decode()) == (422, True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"subject": "New", "body": "It moved."}, "A correction names the new date."),
        ({"body": "{switch_date} {survey_link}"}, "{survey_link} has no value"),
        ({"body": ""}, "This field is required."),
    ],
)
def test_a_correction_that_says_nothing_is_refused(
    as_user: AsUser, manager: User, wave: Cohort, change: dict[str, str], sentence: str
) -> None:
    client = as_user(manager)
    data, before = confirmed(client, wave, **change), snapshot()
    page = client.post(url(wave), data)
    assert (page.status_code, sentence in page.content.decode()) == (422, True)
    assert differences(before, snapshot()) == {}


def test_a_move_is_taken_back_while_nobody_has_heard_of_it(
    as_user: AsUser, manager: User, wave: Cohort, sink: Sink
) -> None:
    client, before = as_user(manager), snapshot()
    client.post(url(wave), confirmed(client, wave))
    moved = last_move(Cohort.objects.get(pk=wave.pk))
    assert moved is not None
    assert (moved.can_be_undone, moved.move.told) == (True, 3)
    assert client.post(url(wave, "undo/")).status_code == 302
    again = differences(before, snapshot())
    correction = Occurrence.objects.get(message__audience_kind="told")
    assert correction.state == "cancelled"
    versions = {pk: {"values_version": 2} for pk in own(wave) if pk != correction.pk}
    assert again == {
        ("cohorts.Cohort", wave.pk): {"calendar_sequence": 2},
        **{("communications.Occurrence", pk): row for pk, row in versions.items()},
        ("communications.Occurrence", correction.pk): again[
            "communications.Occurrence", correction.pk
        ],
        ("communications.Message", correction.message_id): again[
            "communications.Message", correction.message_id
        ],
    }
    send_due()
    assert sink.mails == []
    assert last_move(Cohort.objects.get(pk=wave.pk)) is None
    assert client.post(url(wave, "undo/")).status_code == 409


def own(cohort: Cohort) -> list[int]:
    return list(Occurrence.objects.filter(cohort=cohort).values_list("pk", flat=True))


def test_what_people_have_heard_is_not_taken_back(
    as_user: AsUser, manager: User, wave: Cohort, sink: Sink
) -> None:
    client = as_user(manager)
    client.post(url(wave), confirmed(client, wave))
    send_due()
    before = snapshot()
    page = client.post(url(wave, "undo/"))
    assert (page.status_code, "Mails with the new date have left" in page.content.decode()) == (
        409,
        True,
    )
    assert differences(before, snapshot()) == {}


def test_a_second_move_says_it_all_in_one_mail(
    as_user: AsUser, manager: User, wave: Cohort, sink: Sink
) -> None:
    client = as_user(manager)
    client.post(url(wave), confirmed(client, wave))
    again = Cohort.objects.select_related("project").get(pk=wave.pk)
    client.post(url(again), confirmed(client, again))
    send_due()
    subjects = [read_mail(mail.raw.encode()).subject for mail in sink.mails]
    assert len(subjects) == 3
    states = Occurrence.objects.filter(message__audience_kind="told").order_by("pk")
    assert list(states.values_list("anchor_key", "state")) == [
        (f"cohort:{wave.pk}:m1", "cancelled"),
        (f"cohort:{wave.pk}:m2", "done"),
    ]
    last = last_move(Cohort.objects.get(pk=wave.pk))
    assert last is not None
    assert not last.can_be_undone


def test_steps_and_milestones_keep_their_distance(
    as_user: AsUser, manager: User, wave: Cohort
) -> None:
    project: Project = wave.project
    hanging = Step.objects.filter(project=project, anchor="first_switch", status="todo")
    before = dict(hanging.values_list("pk", "starts_on"))
    mark = Milestone.objects.get(project=project, key="first-switch")
    client = as_user(manager)
    client.post(url(wave), confirmed(client, wave))
    first = min(project.cohorts.filter(kind="wave").values_list("switch_on", flat=True))
    shift = first - wave.switch_on
    assert shift == timedelta(days=14)  # another wave is the first one now
    assert {on - before[pk] for pk, on in hanging.values_list("pk", "starts_on")} == {shift}
    assert Milestone.objects.get(pk=mark.pk).on == mark.on + shift


def run(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("reschedule", *arguments, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_the_command_shows_first_and_moves_when_told_to(manager: User, wave: Cohort) -> None:
    day = (wave.switch_on + timedelta(days=7)).isoformat()
    arguments = (wave.project.slug, "Wave 1", "--to", day, "--as", manager.email)
    before = snapshot()
    shown = run(*arguments)
    assert differences(before, snapshot()) == {}
    done = run(*arguments, "--apply")
    assert (shown["applied"], done["applied"], shown["told"]) == (False, True, 3)
    assert shown["changes"] == done["changes"]
    assert Cohort.objects.get(pk=wave.pk).switch_on == date.fromisoformat(day)
    assert done["correction"] == Occurrence.objects.get(message__audience_kind="told").pk


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (["--to", "soon"], "is not a date"),
        (["--to", "2020-01-01"], "That date has passed"),
        (["--to", "9999-12-31"], "too far away"),
        (["--to", "2031-01-01", "--time", "late"], "is not a time"),
        (["--to", "2031-01-01", "--timezone", "Mars"], "is not a time zone"),
    ],
)
def test_the_command_refuses_in_one_line(
    manager: User, wave: Cohort, change: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(wave.project.slug, "Wave 1", "--as", manager.email, *change)


def test_only_a_manager_commands(viewer: User, wave: Cohort) -> None:
    with pytest.raises(CommandError, match="is not a manager"):
        run(wave.project.slug, "Wave 1", "--to", "2031-01-01", "--as", viewer.email)
