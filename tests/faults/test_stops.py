"""Workers that are stopped: politely, for a while, or through the command they run under."""

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from communications.models import Delivery
from tests.communications.pipeline import due_occurrence, run_worker
from tests.faults.commands import Command
from tests.faults.processes import ROOT, Mailserver, environment, finish, start_worker, wait_until
from tests.faults.truth import check_promise

pytestmark = pytest.mark.django_db(transaction=True)


def start_send_due(server: Mailserver) -> "subprocess.Popen[str]":
    """`manage.py send_due` against the test's database and mail server."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "send_due", "--json"],
        cwd=ROOT,
        env=environment(server),
        stdout=subprocess.PIPE,
        text=True,
    )


def test_sigterm_finishes_the_mail_in_hand_and_gives_the_rest_back(
    mailserver: Mailserver,
) -> None:
    occurrence = due_occurrence(150)
    process = start_send_due(mailserver)
    wait_until(lambda: mailserver.count() > 0)
    process.send_signal(signal.SIGTERM)
    out, _err = process.communicate(timeout=60)
    result = json.loads(out)
    assert process.returncode == 0
    assert (result["sent"], result["uncertain"]) == (mailserver.count(), 0)
    assert result["sent"] + result["remaining"] == 150
    assert Delivery.objects.filter(owner__isnull=False).count() == 0
    finish()
    assert check_promise(occurrence, 150, mailserver) == {"sent": 150}


def test_send_due_takes_over_what_a_dead_worker_held(mailserver: Mailserver, settings: Any) -> None:
    settings.SEND_LEASE_SECONDS = 2
    occurrence = due_occurrence(5)
    settings.SEND_CONNECTIONS = 1
    start_worker("after-claim").join(30)
    assert mailserver.count() == 0
    result = Command(mailserver, "send_due").result()
    assert (result["sent"], result["remaining"]) == (5, 0)
    assert check_promise(occurrence, 5, mailserver) == {"sent": 5}


@pytest.mark.parametrize("mails_before", [1, 20, 40])
def test_a_worker_that_slept_past_its_lease_sends_nothing_it_lost(
    mailserver: Mailserver, settings: Any, mails_before: int
) -> None:
    settings.SEND_LEASE_SECONDS = 1
    occurrence = due_occurrence(100)
    sleeper = start_worker()
    wait_until(lambda: mailserver.count() >= mails_before)
    os.kill(sleeper.pid or 0, signal.SIGSTOP)
    time.sleep(1.1)
    run_worker(0.1)  # another one finds its rows
    os.kill(sleeper.pid or 0, signal.SIGCONT)
    sleeper.join(30)
    finish()
    check_promise(occurrence, 100, mailserver)
