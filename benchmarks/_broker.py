"""A real Celery worker and beats on a broker of their own, which is flushed, stopped, restarted."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from redis import Redis
from redis.exceptions import RedisError

from benchmarks._field import Truth, finish, mail_server, verdict, wait_until
from benchmarks.sending import make_occurrence
from upgrade_tracker.launch import commands, valkey
from upgrade_tracker.launch.environment import bare_environment
from upgrade_tracker.launch.places import ROOT
from upgrade_tracker.launch.processes import Child, Crew

MAILS = 3000
AWAY_SECONDS = 60.0


def broker_faults(options: argparse.Namespace) -> dict[str, Any]:
    """No process of ours dies of it, so nothing may be uncertain; with few times it is shorter."""
    away = AWAY_SECONDS if options.times >= 20 else 5.0
    with _broker() as (broker, url):
        parts = {
            "flushed_every_second": _sent(url, _Flushing(url), beats=3),
            "stopped": _sent(url, _Stopped(broker, away), beats=1),
            "restarted": _sent(url, _Restarting(broker, options.times), beats=1),
            "without_beat": _sent(url, _Nothing(), beats=0),
        }
    numbers = ("mails", "duplicates", "lost", "unaccounted", "uncertain")
    return {
        **{name: sum(part[name] for part in parts.values()) for name in numbers},
        "is_kept": all(part["is_kept"] for part in parts.values()),
        "parts": parts,
    }


@contextmanager
def _broker() -> Iterator[tuple[Child, str]]:
    crew = Crew()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "log"
        folder.mkdir()
        try:
            url = valkey.start(
                crew,
                password="benchmark",  # noqa: S106
                environment=bare_environment(),
                log=folder / "valkey.log",
            )
            yield crew.children[-1], url
        finally:
            crew.stop()


class _Nothing(threading.Thread):
    """A fault that goes on beside the sending until it is told to end."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.is_over = threading.Event()

    def run(self) -> None:
        return None


class _Flushing(_Nothing):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def run(self) -> None:
        while not self.is_over.wait(1.0):
            try:
                Redis.from_url(self._url).flushall()
            except RedisError:
                continue


class _Stopped(_Nothing):
    def __init__(self, broker: Child, seconds: float) -> None:
        super().__init__()
        self._broker, self._seconds = broker, seconds

    def run(self) -> None:
        pid = self._broker.process.pid if self._broker.process else 0
        os.killpg(pid, signal.SIGSTOP)
        self.is_over.wait(self._seconds)
        os.killpg(pid, signal.SIGCONT)


class _Restarting(_Nothing):
    def __init__(self, broker: Child, times: int) -> None:
        super().__init__()
        self._broker, self._times = broker, times

    def run(self) -> None:
        for _time in range(self._times):
            self._broker.ask_to_stop()
            self._broker.wait_stopped()
            if self.is_over.wait(0.3):
                self._broker.start()
                return
            self._broker.start()
            self.is_over.wait(0.7)


def _sent(url: str, fault: _Nothing, *, beats: int) -> dict[str, Any]:
    """One worker of the product and so many beats, until all is sent; then what became of it."""
    occurrence = make_occurrence(MAILS)
    with mail_server(0.005) as truth, _celery(url, truth, beats):
        fault.start()
        try:
            if beats:
                wait_until(lambda: truth.count() >= MAILS, 300)
            else:
                time.sleep(3)  # nobody rings, so nothing happens; `finish` comes as beat returns
        finally:
            fault.is_over.set()
            fault.join()
        finish(occurrence)
        return verdict(occurrence, MAILS, truth, 0)


@contextmanager
def _celery(url: str, truth: Truth, beats: int) -> Iterator[None]:
    it = connection.settings_dict
    address = f"{it['USER']}:{it['PASSWORD']}@{it['HOST']}:{it['PORT']}/{it['NAME']}"
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": f"postgres://{address}",
            "REDIS_URL": url,
            "EMAIL_URL": f"smtp://127.0.0.1:{truth.port}",
            "SEND_LEASE_SECONDS": "2",
            "DEVELOPMENT": "1",
        }
        programs = [commands.worker()] + [
            [*commands.beat(), "--schedule", f"{folder}/beat-{n}"] for n in range(beats)
        ]
        crew = [
            subprocess.Popen(
                commands.with_python(program, sys.executable),
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for program in programs
        ]
        try:
            yield
        finally:
            for process in crew:
                process.terminate()
            for process in crew:
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()
