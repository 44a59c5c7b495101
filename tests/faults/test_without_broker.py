"""The product's worker while its broker stops, hangs, is full, comes back; and with no beat."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from communications.models import Delivery
from tests.communications.pipeline import due_occurrence
from tests.faults.processes import ROOT, Mailserver, environment, wait_until
from tests.faults.truth import check_promise
from upgrade_tracker.launch import valkey
from upgrade_tracker.launch.commands import with_python, worker
from upgrade_tracker.launch.environment import bare_environment
from upgrade_tracker.launch.processes import Child, Crew

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
# So that the ring before a harm is not what sends after it.
PUMP_ENDS_SECONDS = 1.0


@pytest.fixture
def server(tmp_path: Path, settings: Any) -> Iterator[Mailserver]:
    with Mailserver(tmp_path) as one:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", one.port
        settings.DEVELOPMENT = True
        yield one


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[Child, str]]:
    crew = Crew()
    (tmp_path / "log").mkdir()
    try:
        url = valkey.start(
            crew,
            password="faults",
            environment=bare_environment(),
            log=tmp_path / "log" / "valkey.log",
        )
        yield crew.children[-1], url
    finally:
        crew.stop()


@contextmanager
def celery(server: Mailserver, url: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        with_python(worker(), sys.executable),
        cwd=ROOT,
        env={**environment(server), "REDIS_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def stand_ins(parent: int) -> list[int]:
    """The processes of this worker that send without a broker."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            if b"send_due" in words and int(stat[1]) == parent and stat[0] != "Z":
                found.append(int(folder.name))
    return found


def its_stand_in(parent: int) -> int:
    """Looked at once: an earlier one may just be ending, and the next has not begun."""
    found: list[int] = []

    def is_there() -> bool:
        found[:] = stand_ins(parent)
        return len(found) == 1

    wait_until(is_there, 60)
    return found[0]


def lives(pid: int) -> bool:
    with suppress(OSError):
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return stat[0] != "Z"
    return False


def test_mail_leaves_without_beat_and_without_broker(
    server: Mailserver, broker: tuple[Child, str]
) -> None:
    """Stopped, back, and hanging at the end; nothing is left running."""
    child, url = broker
    occurrences = [due_occurrence(3)]
    with celery(server, url) as process:
        wait_until(lambda: server.count() == 3, 60)
        assert stand_ins(process.pid) == []
        child.ask_to_stop()
        child.wait_stopped()
        occurrences.append(due_occurrence(30))
        wait_until(lambda: server.count() == 33, 60)
        assert len(stand_ins(process.pid)) == 1
        child.start()
        wait_until(lambda: stand_ins(process.pid) == [], 90)
        occurrences.append(due_occurrence(3))
        wait_until(lambda: server.count() == 36, 60)
        with hanging(child):
            stand_in = its_stand_in(process.pid)
            process.send_signal(signal.SIGTERM)
            wait_until(lambda: not lives(stand_in), 60)
        assert process.wait(60) == 0
    rows = Delivery.objects.filter(occurrence__in=occurrences)
    assert list(rows.values_list("state", flat=True)) == ["sent"] * 36
    assert len({mail.message_id for mail in server.mails()}) == 36


@contextmanager
def hanging(child: Child) -> Iterator[None]:
    """It takes connections, and nobody answers."""
    pid = child.process.pid if child.process else 0
    os.killpg(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(pid, signal.SIGCONT)


def test_a_killed_worker_takes_its_stand_in_along(
    server: Mailserver, broker: tuple[Child, str]
) -> None:
    child, url = broker
    child.ask_to_stop()
    child.wait_stopped()
    occurrence = due_occurrence(2)
    with celery(server, url) as process:
        wait_until(lambda: server.count() == 2, 60)
        stand_in = its_stand_in(process.pid)
        process.kill()
        wait_until(lambda: not lives(stand_in), 60)
    assert check_promise(occurrence, 2, server) == {"sent": 2}


def fill_up(client: Redis) -> None:
    """It takes nothing more, and still answers."""
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", "1")


def write_nonsense(client: Redis) -> None:
    """Something of another kind stands where the queue should."""
    end = time.monotonic() + 2 * PUMP_ENDS_SECONDS
    while time.monotonic() < end:  # a worker that is just taking a ring may put it back
        client.set("celery", "nonsense")
        time.sleep(0.1)


@pytest.mark.parametrize("harm", [fill_up, write_nonsense])
def test_mail_leaves_though_the_broker_takes_nothing(
    harm: Callable[[Redis], None], server: Mailserver, broker: tuple[Child, str]
) -> None:
    _child, url = broker
    sent = [due_occurrence(3)]

    def sends() -> bool:
        return server.count() == 3 * len(sent)

    with celery(server, url) as process, Redis.from_url(url) as client:
        wait_until(sends, 60)
        harm(client)
        time.sleep(PUMP_ENDS_SECONDS)
        sent.append(due_occurrence(3))
        wait_until(sends, 60)
        assert process.poll() is None
    rows = Delivery.objects.filter(occurrence__in=sent)
    assert list(rows.values_list("state", flat=True)) == ["sent"] * 6
    assert len({mail.message_id for mail in server.mails()}) == 6
