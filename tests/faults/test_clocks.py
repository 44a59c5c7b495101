"""Clocks that are wrong: a worker's own, and the database's as all workers see it."""

import os
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils.timezone import now

from tests.communications.pipeline import due_occurrence, new_worker
from tests.faults.processes import Mailserver, finish, started, wait_until
from tests.faults.truth import check_promise

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 150
HOURS = (-2, 0, 24)


def work_with_a_clock(hours: int) -> None:
    with time_machine.travel(now() + timedelta(hours=hours)):
        new_worker().run(is_patient=True)


def test_workers_with_other_clocks_send_each_mail_once_and_none_early(
    mailserver: Mailserver,
) -> None:
    occurrence = due_occurrence(PEOPLE)
    early = due_occurrence(2, due_at=now() + timedelta(hours=1))
    crew = [started(work_with_a_clock, hours) for hours in HOURS]
    for one in crew:
        one.join(60)
    assert [one.exitcode for one in crew] == [0, 0, 0]
    early.refresh_from_db()
    assert early.state == "approved"
    assert check_promise(occurrence, PEOPLE, mailserver) == {"sent": PEOPLE}


def work_until_the_clock_jumps() -> None:
    """SIGUSR1 puts the database's clock an hour ahead, and back again."""

    def jump(_number: int, _frame: object) -> None:
        is_ahead = os.environ.get("UPGRADE_TRACKER_CLOCK_AHEAD", "0") != "0"
        os.environ["UPGRADE_TRACKER_CLOCK_AHEAD"] = "0" if is_ahead else "3600"

    signal.signal(signal.SIGUSR1, jump)
    new_worker().run(is_patient=True)


def test_the_databases_clock_jumps_ahead_and_back(tmp_path: Path, settings: Any) -> None:
    """All leases run out at once; whoever lives writes its results all the same."""
    settings.DEVELOPMENT = True
    occurrence = due_occurrence(PEOPLE)
    with Mailserver(tmp_path, slow=0.05) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        crew = [started(work_until_the_clock_jumps) for _worker in range(2)]
        for mails in (20, 50):
            wait_until(lambda mails=mails: server.count() > mails)
            for one in crew:
                os.kill(one.pid or 0, signal.SIGUSR1)
        for one in crew:
            one.join(60)
        finish()
        states = check_promise(occurrence, PEOPLE, server)
    assert states["uncertain"] <= 2 * settings.SEND_CONNECTIONS
