"""The two commands and the task, in this process; tests/faults starts them as their own."""

import json
from typing import Any

import pytest
from django.core.management import call_command

from communications.models import Delivery
from communications.services import sending
from communications.services.pipeline.house import keep_house
from communications.tasks import pump
from tests.communications.pipeline import add_people, due_occurrence
from tests.communications.sink import Sink, free_port

pytestmark = pytest.mark.django_db
NOTHING = {
    "sent": 0,
    "failed": 0,
    "skipped": 0,
    "uncertain": 0,
    "put_off": 0,
    "remaining": 0,
    "held_until": None,
    "is_on": True,
}

OFF = (
    "Sending is off, for this database is a copy or was turned off. "
    "`manage.py send_switch on` turns it on."
)


def send_due(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    call_command("send_due", "--json")
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_send_due_sends_everything_and_then_nothing(
    sink: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    due_occurrence(3)
    assert send_due(capsys) == {**NOTHING, "sent": 3}
    assert send_due(capsys) == NOTHING
    assert len(sink.mails) == 3


def test_send_due_says_what_it_left(
    sink: Sink, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_PORT = free_port()
    due_occurrence(3)
    result = send_due(capsys)
    held_until = result["held_until"]
    assert result == {**NOTHING, "put_off": 1, "remaining": 3, "held_until": held_until}
    call_command("send_due")
    said = capsys.readouterr().out
    assert said.startswith("0 sent, 0 failed, 0 skipped, 0 uncertain, 0 put off; 3 still due.")
    assert ("left alone until" in said, held_until is not None) == (True, True)


def test_the_switch_is_turned_and_shown(sink: Sink, capsys: pytest.CaptureFixture[str]) -> None:
    due_occurrence(1)
    call_command("send_switch", "off")
    call_command("send_due")
    call_command("send_switch", "on", "--json")
    call_command("send_switch")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "Sending is off.",
        OFF,
        '{"is_on": true}',
        "Sending is on.",
    ]
    assert sink.mails == []


def test_the_task_needs_nothing_but_the_database(sink: Sink) -> None:
    occurrence = due_occurrence(2)
    pump()
    assert len(sink.mails) == 2
    pump()
    assert len(sink.mails) == 2
    assert occurrence.deliveries.filter(state="sent").count() == 2


def test_a_run_ends_when_its_time_is_over(sink: Sink) -> None:
    occurrence = due_occurrence(0)
    add_people(occurrence, 5)
    keep_house()
    report = sending.send_due(seconds=0.0)
    assert (report.sent, report.remaining, sink.mails) == (0, 5, [])
    assert set(Delivery.objects.values_list("state", "owner")) == {("queued", None)}
