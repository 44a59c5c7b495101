"""A real Celery worker and beats on a broker of their own, which is flushed, stopped, restarted."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from redis import Redis

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
            "flushed_every_second": _sent(url, flushing(url), beats=3),
            "stopped": _sent(url, stopped(broker, away), beats=1),
            "restarted": _sent(url, restarting(broker, options.times), beats=1),
            "without_beat": _sent(url, nothing, beats=0),
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


Done = Callable[[], bool]
Fault = Callable[[Done], None]


def _pause(done: Done, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not done():
        time.sleep(0.01)


def flushing(url: str) -> Fault:
    def work(done: Done) -> None:
        while not done():
            Redis.from_url(url).flushall()
            _pause(done, 1.0)

    return work


def stopped(broker: Child, seconds: float) -> Fault:
    """It hangs: connections are taken and nobody answers."""

    def work(done: Done) -> None:
        pid = broker.process.pid if broker.process else 0
        os.killpg(pid, signal.SIGSTOP)
        try:
            _pause(done, seconds)
        finally:
            os.killpg(pid, signal.SIGCONT)

    return work


def restarting(broker: Child, times: int) -> Fault:
    """In this thread, for the kernel ends the children of a thread that ends."""

    def work(done: Done) -> None:
        for _time in range(times):
            broker.ask_to_stop()
            broker.wait_stopped()
            time.sleep(0.3)
            broker.start()
            _pause(done, 0.7)

    return work


def nothing(done: Done) -> None:
    """Nobody rings, so nothing happens; afterwards somebody does."""
    _pause(done, 3.0)


def _sent(url: str, fault: Fault, *, beats: int) -> dict[str, Any]:
    """One worker of the product and so many beats, until all is sent; then what became of it."""
    occurrence = make_occurrence(MAILS)
    with mail_server(0.005) as truth, _celery(url, truth, beats):
        if beats:
            wait_until(lambda: truth.count() > 0, 120)  # everybody is up
        fault(lambda: truth.count() >= MAILS)
        if beats:
            wait_until(lambda: truth.count() >= MAILS, 300)
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
