"""A server that has too much of us gets less; one that refuses too many mails stops the message."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from communications.mailer import breaker
from communications.models import Delivery, Sender
from projects.models import Event
from tests.communications.pipeline import due_occurrence, run_worker
from tests.communications.sink import Sink

pytestmark = pytest.mark.django_db
Script = Callable[[str, str], str | None]


def until(number: int, stage: str, answer: str) -> Script:
    """From the ``number``-th time on the server says no there."""
    seen: list[str] = []

    def script(at: str, text: str) -> str | None:
        seen.append(at)
        return answer if at == stage and seen.count(stage) >= number else None

    return script


@pytest.mark.parametrize("answer", ["452 too many", "432 concurrency", "421 too many connections"])
def test_too_much_means_fewer_connections_for_a_while(
    sink: Sink, settings: Any, answer: str
) -> None:
    settings.SEND_CONNECTIONS = 8
    due_occurrence(40)
    sink.script = until(1, "RCPT", answer)
    run_worker()
    row = Sender.objects.get()
    assert (row.fewer_connections, row.hold_until > now()) == (4, True)
    assert timedelta(minutes=9) < row.fewer_until - now() < timedelta(minutes=11)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"queued"}
    # After the hold, and once more too much.
    Sender.objects.update(hold_until=now())
    Delivery.objects.update(not_before=now())
    sink.connections = 0
    run_worker()
    assert (Sender.objects.get().fewer_connections, sink.connections <= 4) == (2, True)
    # Then it is content, and nothing has failed or came twice.
    Sender.objects.update(hold_until=now())
    Delivery.objects.update(not_before=now())
    sink.script, sink.connections = (lambda stage, text: None), 0
    assert run_worker() == {"sent": 40}
    assert len({mail.recipient for mail in sink.mails}) == len(sink.mails) == 40
    assert sink.connections <= 2


def test_a_no_to_one_mail_takes_no_connection_away(sink: Sink) -> None:
    due_occurrence(4)
    sink.script = until(1, "RCPT", "450 mailbox busy")
    run_worker()
    assert not Sender.objects.filter(fewer_connections__isnull=False).exists()


def test_after_a_while_it_is_tried_with_all_again(sink: Sink, settings: Any) -> None:
    settings.SEND_CONNECTIONS = 4
    sink.slow = 0.02
    Sender.objects.create(name="default", fewer_connections=1, fewer_until=now())
    due_occurrence(60)
    assert run_worker() == {"sent": 60}
    assert sink.connections > 1


def test_more_than_five_in_a_hundred_stop_the_message(
    sink: Sink, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a hundred here, of a thousand in earnest: test_pipeline_pure counts those."""
    settings.SEND_CONNECTIONS = 1
    monkeypatch.setattr(breaker, "WINDOW", 100)
    occurrence = due_occurrence(160)
    said: list[str] = []

    def script(stage: str, text: str) -> str | None:
        said.append(stage)
        return "550 nobody here" if stage == "RCPT" and said.count("RCPT") % 12 == 0 else None

    sink.script = script
    assert run_worker() == {"sent": 99, "failed": 9}  # the first no after a hundred are known
    occurrence.message.refresh_from_db()
    assert occurrence.message.status == "paused"
    event = Event.objects.get(verb="message.paused")
    assert (event.actor, event.data) == (None, {"stopped": True})
    assert Delivery.objects.filter(state="queued").count() == 160 - 108
