"""Which occurrences begin, which are missed, and by whose clock."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils.timezone import now

from communications.models import Occurrence
from communications.services.pipeline.clock import database_now
from communications.services.pipeline.house import keep_house
from projects.models import Event
from tests.communications.pipeline import due_occurrence, run_worker
from tests.communications.sink import Sink

pytestmark = pytest.mark.django_db


def state_after(occurrence: Occurrence, **columns: Any) -> str:
    Occurrence.objects.filter(pk=occurrence.pk).update(**columns)
    keep_house()
    occurrence.refresh_from_db()
    return occurrence.state


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({}, "sending"),
        ({"due_at": None, "not_after": None}, "approved"),
        ({"due_at": now() + timedelta(hours=1)}, "approved"),
        ({"state": "planned"}, "planned"),
        ({"state": "cancelled"}, "cancelled"),
        ({"not_after": now() - timedelta(seconds=1)}, "missed"),
        ({"not_after": now() - timedelta(seconds=1), "state": "planned"}, "missed"),
        ({"not_after": now() - timedelta(seconds=1), "state": "cancelled"}, "cancelled"),
        ({"not_after": None}, "sending"),
    ],
)
def test_what_begins_and_what_is_missed(columns: dict[str, Any], state: str) -> None:
    assert state_after(due_occurrence(1), **columns) == state


@pytest.mark.parametrize(
    "message",
    [
        {"message__status": "paused"},
        {"message__status": "cancelled"},
        {"message__channel": "banner"},
        {"message__audience_kind": "nobody-knows"},
        {"message__project__status": "paused"},
    ],
)
def test_what_cannot_be_sent_does_not_begin(message: dict[str, str]) -> None:
    assert state_after(due_occurrence(1, **message)) == "approved"


def test_a_missed_occurrence_is_told_once() -> None:
    occurrence = due_occurrence(1, not_after=now())
    keep_house()
    keep_house()
    event = Event.objects.get(verb="occurrence.missed")
    assert (event.project, event.actor) == (occurrence.project, None)
    assert occurrence.message.title in event.sentence


def test_nothing_of_a_closed_project_is_missed() -> None:
    occurrence = due_occurrence(1, message__project__status="closed")
    assert state_after(occurrence, not_after=now()) == "approved"


def test_a_moved_date_never_fires_at_its_old_time(sink: Sink) -> None:
    occurrence = due_occurrence(1)
    Occurrence.objects.update(due_at=now() + timedelta(days=1))
    assert (run_worker(), sink.mails) == ({}, [])
    assert state_after(occurrence, due_at=now()) == "sending"


def test_the_clock_of_the_machine_decides_nothing(sink: Sink) -> None:
    due_occurrence(1)
    later = due_occurrence(1, due_at=now() + timedelta(hours=1))
    with time_machine.travel(now() + timedelta(days=1)):
        assert run_worker() == {"sent": 1}
    later.refresh_from_db()
    assert later.state == "approved"


def test_a_worker_may_live_ahead_of_the_database(
    sink: Sink, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEVELOPMENT = True
    due_occurrence(1, due_at=now() + timedelta(days=1), not_after=now() + timedelta(days=5))
    assert run_worker() == {}
    monkeypatch.setenv("UPGRADE_TRACKER_CLOCK_AHEAD", str(2 * 86400))
    assert run_worker() == {"sent": 1}
    settings.DEVELOPMENT = False
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        assert abs(database_now() - cursor.fetchone()[0]) < timedelta(minutes=1)
