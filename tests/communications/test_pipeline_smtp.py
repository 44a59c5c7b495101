"""What a mail server may say at each step: what becomes of the mail, the message, the server."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from communications.enums import AmbiguityPolicy
from communications.mailer.reply import Garbled, Reply, ReplyReader
from communications.models import Delivery, Sender
from projects.models import Event
from tests.communications.pipeline import due_occurrence, new_worker, run_worker, the_row
from tests.communications.sink import HANG_UP, Sink, free_port

pytestmark = pytest.mark.django_db


def saying(wanted: str, answer: str) -> Callable[[str, str], str | None]:
    return lambda stage, text: answer if stage == wanted else None


QUEUED, FAILED = "queued", "failed"


@pytest.mark.parametrize(
    ("stage", "answer", "state", "attempts", "is_held", "status"),
    [
        ("CONNECT", "421 too busy", QUEUED, 0, True, "active"),
        ("CONNECT", "554 not you", QUEUED, 0, False, "paused"),
        ("CONNECT", HANG_UP, QUEUED, 0, True, "active"),
        ("MAIL", "421 closing", QUEUED, 1, True, "active"),
        ("MAIL", "451 not now", QUEUED, 1, False, "active"),
        ("MAIL", "550 no such sender", QUEUED, 0, False, "paused"),
        ("MAIL", HANG_UP, QUEUED, 1, True, "active"),
        ("RCPT", "450 mailbox busy", QUEUED, 1, False, "active"),
        ("RCPT", "452 too many", QUEUED, 1, True, "active"),
        ("RCPT", "432 too many connections", QUEUED, 1, True, "active"),
        ("RCPT", "550 nobody here", FAILED, 1, False, "active"),
        ("RCPT", HANG_UP, QUEUED, 1, True, "active"),
        ("DATA", "451 later", QUEUED, 1, False, "active"),
        ("DATA", "554 no", FAILED, 1, False, "active"),
        ("DATA", "250 what", QUEUED, 1, True, "active"),
        ("DATA", HANG_UP, QUEUED, 1, True, "active"),
        ("DOT", "451 disk full", QUEUED, 1, False, "active"),
        ("DOT", "421 closing", QUEUED, 1, True, "active"),
        ("DOT", "552 too big", FAILED, 1, False, "active"),
        ("DOT", HANG_UP, "uncertain", 1, True, "active"),
        ("DOT", "354 what", "uncertain", 1, True, "active"),
        ("DOT", "999 what", "uncertain", 1, True, "active"),
    ],
)
def test_every_no_has_its_meaning(
    sink: Sink, stage: str, answer: str, state: str, attempts: int, is_held: bool, status: str
) -> None:
    occurrence = due_occurrence(1)
    sink.script = saying(stage, answer)
    run_worker()
    row = the_row(occurrence)
    occurrence.message.refresh_from_db()
    held = Sender.objects.filter(hold_until__gt=now()).exists()
    assert (row.state, row.attempts, held, occurrence.message.status) == (
        *(state, attempts, is_held, status),
    )
    assert (sink.mails, row.lease_until) == ([], None)


@pytest.mark.parametrize(
    ("answer", "state", "is_held", "status"),
    [
        ("235 welcome", "sent", False, "active"),
        ("454 try later", QUEUED, True, "active"),
        ("535 wrong password", QUEUED, False, "paused"),
    ],
)
def test_a_sign_in_that_fails_is_not_the_mails_fault(
    sink: Sink, settings: Any, answer: str, state: str, is_held: bool, status: str
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "secret"
    occurrence = due_occurrence(1)
    answers = {"EHLO": "250-sink\r\n250 AUTH PLAIN", "AUTH": answer}
    sink.script = lambda stage, text: answers.get(stage)
    run_worker()
    row = the_row(occurrence)
    occurrence.message.refresh_from_db()
    held = Sender.objects.filter(hold_until__gt=now()).exists()
    assert (row.state, held, occurrence.message.status) == (state, is_held, status)


def test_a_server_without_the_encryption_we_ask_for_gets_nothing(sink: Sink, settings: Any) -> None:
    settings.EMAIL_USE_TLS = True
    occurrence = due_occurrence(1)
    run_worker()
    assert (the_row(occurrence).state, sink.mails) == ("queued", [])
    assert "STARTTLS" in Sender.objects.get().hold_reason


def test_a_mail_put_off_comes_again_with_the_same_number(sink: Sink) -> None:
    occurrence = due_occurrence(1)
    sink.script = saying("RCPT", "450 greylisted")
    assert run_worker() == {"queued": 1}
    row = the_row(occurrence)
    wait = row.not_before - now()
    assert timedelta(seconds=45) < wait < timedelta(seconds=75)
    sink.script = saying("", "")
    assert run_worker() == {}
    Delivery.objects.update(not_before=now())
    assert run_worker() == {"sent": 1}
    assert [mail.message_id for mail in sink.mails] == [f"<{row.message_id}@localhost>"]
    assert the_row(occurrence).attempts == 2


def test_a_mail_is_put_off_only_until_its_last_moment(sink: Sink) -> None:
    occurrence = due_occurrence(1, not_after=now() + timedelta(seconds=30))
    sink.script = saying("RCPT", "450 greylisted")
    assert run_worker() == {"failed": 1}
    assert the_row(occurrence).reason == "put off by the mail server until too late"


def test_a_mail_without_a_last_moment_is_given_up_after_seven_tries(sink: Sink) -> None:
    due_occurrence(1, not_after=None)
    sink.script = saying("RCPT", "450 greylisted")
    for _try in range(6):
        assert run_worker() == {"queued": 1}
        Delivery.objects.update(not_before=now())
    assert run_worker() == {"failed": 1}


def test_a_refused_recipient_costs_the_others_nothing(sink: Sink) -> None:
    due_occurrence(4)
    refused: list[str] = []

    def script(stage: str, text: str) -> str | None:
        if stage == "RCPT" and (not refused or text == refused[0]):
            refused.append(text)
            return "550 nobody"
        return None

    sink.script = script
    assert run_worker() == {"sent": 3, "failed": 1}
    assert (len(sink.mails), sink.connections) == (3, 1)


def test_twenty_refusals_in_a_row_pause_the_message_and_tell(sink: Sink, settings: Any) -> None:
    settings.SEND_CONNECTIONS = 1
    occurrence = due_occurrence(30)
    sink.script = saying("RCPT", "550 nobody")
    assert run_worker() == {"failed": 20}
    occurrence.message.refresh_from_db()
    assert occurrence.message.status == "paused"
    event = Event.objects.get(verb="message.paused")
    assert (event.actor, event.project) == (None, occurrence.project)
    assert "Too many of its mails were refused: nobody" in event.sentence
    assert Delivery.objects.filter(state="queued").count() == 10


def test_a_dead_server_is_left_alone_longer_each_time(sink: Sink, settings: Any) -> None:
    due_occurrence(2)
    settings.EMAIL_PORT = free_port()
    waits = []
    for _try in range(3):
        assert run_worker() == {"queued": 1}
        waits.append(round((Sender.objects.get().hold_until - now()).total_seconds()))
        assert run_worker() == {}  # on hold: not even tried
        Sender.objects.update(hold_until=now())
    assert waits == [5, 10, 20]
    settings.EMAIL_PORT = sink.port
    assert run_worker() == {"sent": 2}
    assert Sender.objects.get().failures_in_a_row == 0


def test_a_connection_the_server_ends_in_between_is_replaced(sink: Sink) -> None:
    due_occurrence(3)
    served: list[str] = []

    def script(stage: str, text: str) -> str | None:
        served.append(stage)
        return HANG_UP if stage == "MAIL" and served.count("MAIL") == 2 else None

    sink.script = script
    assert run_worker() == {"sent": 3}
    assert (len(sink.mails), sink.connections) == (3, 2)


def test_an_early_word_is_not_taken_for_the_answer_to_the_dot(sink: Sink) -> None:
    occurrence = due_occurrence(1)
    sink.script = saying("DATA", "354 go on\r\n250 taken already")
    run_worker()
    assert (the_row(occurrence).state, sink.mails) == ("queued", [])


def test_uncertain_goes_out_again_where_the_occurrence_says_so(sink: Sink) -> None:
    occurrence = due_occurrence(1, ambiguity=AmbiguityPolicy.RESEND)
    sink.script, sink.keeps_all = saying("DOT", HANG_UP), True
    assert run_worker() == {"queued": 1}
    sink.script = saying("", "")
    Delivery.objects.update(not_before=now())
    Sender.objects.update(hold_until=None)
    assert run_worker() == {"sent": 1}
    ids = [mail.message_id for mail in sink.mails]
    assert ids == [f"<{the_row(occurrence).message_id}@localhost>"] * 2


def test_a_stop_while_waiting_gives_the_mail_back(sink: Sink) -> None:
    occurrence = due_occurrence(3)
    asked = threading.Event()

    def script(stage: str, text: str) -> str | None:
        if stage != "RCPT":
            return None
        asked.set()
        return ""  # and nothing more

    sink.script = script
    assert new_worker(is_stopping=asked.is_set).run() == {"queued": 1}
    rows = Delivery.objects.filter(occurrence=occurrence)
    assert set(rows.values_list("state", "owner", "claims")) == {("queued", None, 0)}


@pytest.mark.parametrize(
    ("raw", "replies"),
    [
        (b"250 ok\r\n", [Reply(250, "ok")]),
        (b"250\r\n", [Reply(250, "")]),
        (b"250-one\r\n250 two\r\n354 go\n", [Reply(250, "one two"), Reply(354, "go")]),
        (b"250-one\r\n", []),
        (b"250 a\x00\x1bb\xff\r\n", [Reply(250, "a  b\N{REPLACEMENT CHARACTER}")]),
    ],
)
def test_replies_are_read_line_by_line(raw: bytes, replies: list[Reply]) -> None:
    reader = ReplyReader()
    found = []
    for byte in raw:  # however the network cuts it
        reader.feed(bytes([byte]))
        if (reply := reader.next()) is not None:
            found.append(reply)
    assert found == replies


@pytest.mark.parametrize("raw", [b"hello\r\n", b"199 no\r\n", b"2500 ok\r\n", b"x" * 5000])
def test_what_is_no_reply_is_refused(raw: bytes) -> None:
    reader = ReplyReader()
    reader.feed(raw)
    with pytest.raises(Garbled):
        reader.next()
