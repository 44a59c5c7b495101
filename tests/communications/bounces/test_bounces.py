"""From a mail that came back to an address that gets no more: by file, by pipe, by LMTP."""

import io
import json
import os
import re
import signal
import smtplib
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from communications.bounces import return_path
from communications.enums import DeliveryState
from communications.models import Bounce, Delivery, Suppression
from communications.services.bounces import Reading, read_mail
from tests.communications.bounces.reports import report
from tests.factories.communications import DeliveryFactory
from tests.faults.processes import ROOT, Mailserver, environment

BASE = "bounces@upgrade.example.org"


def sent(address: str = "Ana@Example.org") -> Delivery:
    delivery = DeliveryFactory(state=DeliveryState.SENT)
    Delivery.objects.filter(pk=delivery.pk).update(address=address)
    delivery.refresh_from_db()
    return delivery


def came_back(delivery: Delivery, status: str = "5.1.1") -> bytes:
    return report(to=return_path.address(BASE, delivery.message_id), status=status, text=status)


def suppressed() -> list[tuple[str, str]]:
    return list(Suppression.objects.order_by("pk").values_list("address_key", "kind"))


@pytest.mark.django_db
def test_a_hard_bounce_ends_it_for_that_address_in_any_spelling() -> None:
    mail = sent()
    waiting = DeliveryFactory(participant__upn="ANA@example.org", state=DeliveryState.QUEUED)
    other = DeliveryFactory(participant__upn="bo@example.org", state=DeliveryState.QUEUED)
    assert read_mail(came_back(mail)) == Reading(read=1, new=1, suppressed=1)
    assert suppressed() == [("ana@example.org", "hard_bounce")]
    states = [Delivery.objects.get(pk=one.pk).state for one in (mail, waiting, other)]
    assert states == ["sent", "skipped", "queued"]


@pytest.mark.django_db
def test_the_same_report_counts_once() -> None:
    mail = sent()
    read_mail(came_back(mail))
    assert read_mail(came_back(mail, "5.1.2")) == Reading(read=1, known=1)
    assert (Bounce.objects.count(), Suppression.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_soft_bounces_end_it_after_the_fifth_mail_within_a_month() -> None:
    old = sent()
    read_mail(came_back(old, "4.2.2"))
    Bounce.objects.update(at=now() - timedelta(days=31))
    found = []
    for _number in range(5):
        mail = sent()
        read_mail(came_back(mail, "5.2.2"))
        read_mail(came_back(mail, "5.2.2"))
        found.append(suppressed())
    assert found == [[], [], [], [], [("ana@example.org", "soft_bounce")]]


@pytest.mark.django_db
def test_forged_and_unknown_reports_do_nothing() -> None:
    mail = sent()
    path = return_path.address(BASE, mail.message_id)
    forged = report(to=path[:-30] + ("a" if path[-30] != "a" else "b") + path[-29:])
    erased = sent("")
    raws = (
        forged,
        report(to=return_path.address(BASE, uuid4())),
        report(message_id=uuid4()),
        came_back(erased),
        b"Subject: hello\n\nhello\n",
    )
    assert [read_mail(raw) for raw in raws] == [Reading(read=1, ignored=1)] * 5
    assert (Bounce.objects.count(), suppressed()) == (0, [])


def command(*words: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("read_bounces", *words, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.mark.django_db
def test_a_folder_is_read_and_again_changes_nothing(tmp_path: Path) -> None:
    for number in range(3):
        mail = sent(f"p{number}@example.org")
        (tmp_path / str(number)).write_bytes(came_back(mail, "5.1.1" if number else "4.1.1"))
    (tmp_path / "x").write_bytes(b"not for us")
    first = {"read": 4, "new": 3, "known": 0, "ignored": 1, "suppressed": 2}
    assert command(str(tmp_path)) == first
    assert command(str(tmp_path)) == {**first, "new": 0, "known": 3, "suppressed": 0}


@pytest.mark.django_db
def test_a_pipe_knows_whom_the_mail_was_for(monkeypatch: pytest.MonkeyPatch) -> None:
    mail = sent()

    class Input:
        buffer = io.BytesIO(report())

    monkeypatch.setattr(sys, "stdin", Input)
    path = return_path.address(BASE, mail.message_id)
    assert command("-", "--recipient", path)["new"] == 1


@pytest.mark.django_db
def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"cannot be read: No such file"):
        command(str(tmp_path / "none"))


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_hands_them_over_by_lmtp(tmp_path: Path) -> None:
    mail = sent()
    with (
        Mailserver(tmp_path) as mailserver,
        subprocess.Popen(
            [sys.executable, "manage.py", "receive_bounces", "--listen", "127.0.0.1:0"],
            cwd=ROOT,
            env=environment(mailserver),
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            port = int(re.findall(r"\d+", process.stdout.readline())[0])
            with smtplib.LMTP("127.0.0.1", port) as server:
                to = return_path.address(BASE, mail.message_id)
                refused = server.sendmail("<>", [to, "second@example.org"], report())
        finally:
            os.kill(process.pid, signal.SIGTERM)
            assert process.wait(10) == 0
    assert refused == {"second@example.org": (452, b"4.5.3 One recipient a mail")}
    assert suppressed() == [("ana@example.org", "hard_bounce")]


@pytest.mark.django_db
@pytest.mark.parametrize("listen", ["2424", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused(listen: str) -> None:
    with pytest.raises(CommandError, match="HOST:PORT"):
        call_command("receive_bounces", "--listen", listen)
