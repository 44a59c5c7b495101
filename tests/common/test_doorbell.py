"""Ringing while the broker listens, hangs, or is not there."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from common import doorbell
from common.doorbell import UNHEARD
from tests.communications.sink import free_port
from upgrade_tracker.launch import valkey
from upgrade_tracker.launch.environment import bare_environment
from upgrade_tracker.launch.processes import Crew

TASK = "tests.nobody_listens"
MOST_SECONDS = 5.0


@pytest.fixture(autouse=True)
def _keen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell._Deaf, "until", float("-inf"))


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server


def ring() -> None:
    """Whoever waits longer than a page may take fails here."""
    ringing = threading.Thread(target=doorbell._send, args=[TASK], daemon=True)
    ringing.start()
    ringing.join(MOST_SECONDS)
    assert not ringing.is_alive()


def unheard() -> float:
    return UNHEARD.labels(task=TASK)._value.get()


def knocks(server: socket.socket) -> int:
    """How many have connected since the last look."""
    server.settimeout(0.1)
    number = 0
    while True:
        try:
            server.accept()[0].close()
        except TimeoutError:
            return number
        number += 1


def test_a_broker_that_hangs_holds_up_one_ring_and_not_the_next(
    silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = silent.getsockname()[1]
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://127.0.0.1:{port}/0")
    before = unheard()
    ring()
    assert knocks(silent) >= 1
    ring()
    ring()
    assert (knocks(silent), unheard() - before) == (0, 3)
    monkeypatch.setattr(doorbell._Deaf, "until", 0.0)  # some seconds later
    ring()
    assert (knocks(silent) >= 1, unheard() - before) == (True, 4)


def test_nobody_there_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://127.0.0.1:{free_port()}/0")
    before = unheard()
    ring()
    assert unheard() - before == 1


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """A broker of the test's own."""
    crew = Crew()
    (tmp_path / "log").mkdir()
    log = tmp_path / "log" / "valkey.log"
    try:
        url = valkey.start(crew, password="ring", environment=bare_environment(), log=log)
        monkeypatch.setenv("CELERY_BROKER_WRITE_URL", url)
        with Redis.from_url(url) as client:
            yield client
    finally:
        crew.stop()


@pytest.mark.parametrize("is_full", [True, False])
def test_a_broker_that_refuses_is_as_good_as_none(own: Redis, is_full: bool) -> None:
    """It is full, or nonsense stands in the place of the queue."""
    ring()
    assert own.llen("celery") == 1
    if is_full:
        own.config_set("maxmemory", "1")
    else:
        own.set("celery", "nonsense")
    before = unheard()
    ring()
    assert unheard() - before == 1


def test_a_ring_reaches_the_queue(settings: Any) -> None:
    with Redis.from_url(settings.REDIS_URL) as client:
        ring()
        ours = [one for one in client.lrange("celery", 0, -1) if TASK.encode() in one]
        for one in ours:
            client.lrem("celery", 0, one)
    assert len(ours) == 1
