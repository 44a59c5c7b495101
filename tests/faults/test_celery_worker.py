"""The product's own worker command, killed and stopped while mails leave."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from communications.models import Delivery, Occurrence
from communications.tasks import pump
from tests.communications.pipeline import due_occurrence
from tests.factories.communications import OccurrenceFactory
from tests.faults.processes import ROOT, Mailserver, environment, finish, wait_until
from tests.faults.truth import check_promise
from upgrade_tracker.launch.commands import with_python, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PEOPLE = 300


@contextmanager
def celery(server: Mailserver) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker with a queue of its own, which has been told once to look."""
    queue = f"faults-{uuid4()}"
    process = subprocess.Popen(
        [*with_python(worker(), sys.executable), "--queues", queue],
        cwd=ROOT,
        env=environment(server),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        pump.apply_async(queue=queue)
        yield process
    finally:
        kill_all(process)


def kill_all(process: "subprocess.Popen[bytes]") -> None:
    """The worker and its children, at one instant."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_killed_worker_sends_nothing_twice(mailserver: Mailserver, settings: Any) -> None:
    occurrence = due_occurrence(PEOPLE)
    with celery(mailserver) as process:
        wait_until(lambda: mailserver.count() > 20)
        kill_all(process)
    assert mailserver.count() < PEOPLE
    finish()
    assert (
        check_promise(occurrence, PEOPLE, mailserver)["uncertain"] <= 2 * settings.SEND_CONNECTIONS
    )


def test_a_stopped_worker_gives_back_what_it_holds(mailserver: Mailserver) -> None:
    occurrence = due_occurrence(PEOPLE)
    planned = OccurrenceFactory(not_after=None)
    rows = Occurrence.objects.filter(pk=planned.pk)
    rows.update(due_at=planned.due_at + timedelta(hours=1))  # by former rules of its zone
    with celery(mailserver) as process:
        wait_until(lambda: mailserver.count() > 0 and rows.get().due_at == planned.due_at)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert Delivery.objects.filter(owner__isnull=False).count() == 0
    finish()
    assert check_promise(occurrence, PEOPLE, mailserver) == {"sent": PEOPLE}
