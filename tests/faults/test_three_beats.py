"""Three beats ring at once and the broker forgets everything again and again: nobody gets two."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from communications.models import Occurrence
from tests.communications.pipeline import due_occurrence
from tests.faults.processes import ROOT, Mailserver, environment, wait_until
from tests.faults.test_without_broker import broker, celery, server
from tests.faults.truth import check_promise
from upgrade_tracker.launch.commands import beat, with_python
from upgrade_tracker.launch.processes import Child

__all__ = ["broker", "server"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PEOPLE = 200


@contextmanager
def beats(number: int, folder: Path, where: dict[str, str]) -> Iterator[None]:
    crew = [
        subprocess.Popen(
            with_python([*beat(), "--schedule", str(folder / f"beat-{n}")], sys.executable),
            cwd=ROOT,
            env=where,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for n in range(number)
    ]
    try:
        yield
    finally:
        for process in crew:
            process.kill()
            process.wait()


def test_a_broker_that_forgets_and_three_beats_double_nothing(
    server: Mailserver, broker: tuple[Child, str], tmp_path: Path
) -> None:
    _child, url = broker
    occurrence = due_occurrence(PEOPLE)
    where = {**environment(server), "REDIS_URL": url}
    with celery(server, url), beats(3, tmp_path, where), Redis.from_url(url) as client:
        end = time.monotonic() + 60
        while server.count() < PEOPLE and time.monotonic() < end:
            client.flushall()
            time.sleep(0.2)
        wait_until(lambda: server.count() == PEOPLE)
        wait_until(lambda: Occurrence.objects.get(pk=occurrence.pk).state == "done")
    assert check_promise(occurrence, PEOPLE, server) == {"sent": PEOPLE}
