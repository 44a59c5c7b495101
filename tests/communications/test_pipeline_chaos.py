"""A mail server that misbehaves at every command, in every way. No mail leaves twice."""

import random
from collections import Counter
from typing import Any

import pytest
from django.utils.timezone import now

from communications.mailer import line
from communications.models import Delivery, Sender
from tests.communications.pipeline import due_occurrence, run_worker, the_row
from tests.communications.sink import HALF, HANG_UP, STALL, Sink

pytestmark = pytest.mark.django_db

STAGES = ("CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "DOT")
FAULTS = {
    "421": "421 closing",
    "450": "450 not now",
    "550": "550 never",
    "dropped": HANG_UP,
    "stalled": STALL,
    "garbage": "hello, who is there?",
    "half": HALF,
}
SIGN_IN = ("CONNECT", "EHLO", "AUTH")
QUEUED, ACTIVE = "queued", "active"


def expected(stage: str, fault: str) -> tuple[str, int, bool, str]:
    """State of the row, its attempts, whether the server is left alone, status of the message."""
    if fault == "550" and stage in (*SIGN_IN, "MAIL"):
        return QUEUED, 0, False, "paused"
    if stage in SIGN_IN:
        return QUEUED, 0, True, ACTIVE
    if fault in ("421", "450"):
        return QUEUED, 1, fault == "421", ACTIVE
    if fault == "550":
        return "failed", 1, False, ACTIVE
    return "uncertain" if stage == "DOT" else QUEUED, 1, True, ACTIVE


@pytest.fixture
def chaos(sink: Sink, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sink:
    """Waits are short, and whatever had its dot counts as taken, the answer lost or not."""
    settings.EMAIL_TIMEOUT = 0.3
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "secret"
    monkeypatch.setattr(line, "DOT_SECONDS", 0.3)
    return sink


def speak(sink: Sink, *, has_pipelining: bool) -> None:
    more = "250-PIPELINING\r\n" if has_pipelining else ""
    sink.usual |= {"EHLO": f"250-sink\r\n{more}250 AUTH PLAIN", "AUTH": "235 welcome"}


def misbehave(sink: Sink, stage: str, answer: str, chance: random.Random, share: float) -> None:
    """At this stage, as often as ``share`` says. Without EHLO there is no HELO either."""
    stages = {stage, "HELO"} if stage == "EHLO" else {stage}
    is_lost = answer not in ("450 not now", "550 never", "421 closing")
    sink.keeps_all = stage == "DOT" and is_lost
    sink.script = lambda at, text: answer if at in stages and chance.random() < share else None


@pytest.mark.parametrize("has_pipelining", [True, False], ids=["pipelining", "plain"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("stage", STAGES)
def test_each_misbehaviour_has_its_meaning(
    chaos: Sink, stage: str, fault: str, has_pipelining: bool
) -> None:
    occurrence = due_occurrence(1)
    speak(chaos, has_pipelining=has_pipelining)
    misbehave(chaos, stage, FAULTS[fault], random.Random(1), 1.0)  # noqa: S311
    run_worker()
    row = the_row(occurrence)
    occurrence.message.refresh_from_db()
    is_held = Sender.objects.filter(hold_until__gt=now()).exists()
    found = (row.state, row.attempts, is_held, occurrence.message.status)
    assert found == expected(stage, fault)
    assert (row.lease_until, row.owner is not None) == (None, row.state == "uncertain")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("stage", STAGES)
def test_eight_connections_to_a_moody_server_send_nothing_twice(
    chaos: Sink, stage: str, fault: str
) -> None:
    """One conversation in four goes wrong; in the end everybody has it, or the row says why not."""
    occurrence = due_occurrence(24)
    speak(chaos, has_pipelining=True)
    misbehave(chaos, stage, FAULTS[fault], random.Random(stage + fault), 0.25)  # noqa: S311
    for _round in range(2):
        run_worker()
        let_go_on(occurrence)
    chaos.script, chaos.keeps_all = (lambda at, text: None), False
    run_worker()
    taken = Counter(mail.message_id for mail in chaos.mails)
    rows = Delivery.objects.filter(occurrence=occurrence)
    by_id = {f"<{row.message_id}@localhost>": row.state for row in rows}
    assert [number for number, times in taken.items() if times > 1] == []
    assert {by_id[number] for number in taken} <= {"sent", "uncertain"}
    assert {number for number, state in by_id.items() if state == "sent"} <= set(taken)
    assert set(by_id.values()) <= {"sent", "uncertain", "failed"}
    occurrence.refresh_from_db()
    assert (len(by_id), occurrence.state) == (24, "done")


def let_go_on(occurrence: Any) -> None:
    """As if the waits were over, and somebody had resumed the message."""
    Delivery.objects.filter(state=QUEUED).update(not_before=now())
    Sender.objects.update(hold_until=None)
    type(occurrence.message).objects.update(status=ACTIVE)
