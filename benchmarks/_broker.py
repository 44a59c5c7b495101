"""A real Celery worker and beats on a broker of their own, which is flushed, stopped, restarted."""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from bisect import bisect
from collections.abc import Iterator
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

AWAY_SECONDS = 60.0
# Mail falls due all the time, so that some does whatever happens to the broker.
WAVE_SECONDS = 3.0
WAVE_MAILS = 150
TICK_SECONDS = 0.05


def broker_faults(options: argparse.Namespace) -> dict[str, Any]:
    """No process of ours dies of it, so nothing may be uncertain; with few times it is shorter."""
    away = AWAY_SECONDS if options.times >= 20 else 15.0
    with _broker() as (broker, url):
        parts = {
            "flushed_every_second": _sent(url, flushing(url, options.times), beats=3),
            "hanging": _sent(url, hanging(broker, away), beats=1),
            "stopped": _sent(url, stopped(broker, away), beats=1),
            "restarted": _sent(url, restarting(broker, options.times), beats=1),
            "without_beat": _sent(url, nothing(away / 3), beats=0),
        }
    numbers = ("mails", "duplicates", "lost", "unaccounted", "uncertain")
    return {
        **{name: sum(part[name] for part in parts.values()) for name in numbers},
        "slowest_start": max(part["slowest_start"] for part in parts.values()),
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


# Each step of a fault is a moment in which mail may fall due.
Fault = Iterator[None]


def _pause(seconds: float) -> Fault:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(TICK_SECONDS)
        yield


def flushing(url: str, times: int) -> Fault:
    with Redis.from_url(url) as client:
        for _time in range(times):
            client.flushall()
            yield from _pause(1.0)


def hanging(broker: Child, seconds: float) -> Fault:
    """Connections are taken and nobody answers."""
    pid = broker.process.pid if broker.process else 0
    os.killpg(pid, signal.SIGSTOP)
    try:
        yield from _pause(seconds)
    finally:
        os.killpg(pid, signal.SIGCONT)


def stopped(broker: Child, seconds: float) -> Fault:
    """In this thread, for the kernel ends the children of a thread that ends."""
    broker.ask_to_stop()
    broker.wait_stopped()
    try:
        yield from _pause(seconds)
    finally:
        broker.start()


def restarting(broker: Child, times: int) -> Fault:
    for _time in range(times):
        yield from stopped(broker, 0.3)
        yield from _pause(0.7)


def nothing(seconds: float) -> Fault:
    """Nobody rings but the worker itself."""
    yield from _pause(seconds)


def _sent(url: str, fault: Fault, *, beats: int) -> dict[str, Any]:
    """One worker of the product and so many beats; mail falls due before, during and after."""
    waves: list[tuple[float, Any]] = []

    def wave() -> None:
        waves.append((time.time(), make_occurrence(WAVE_MAILS)))

    with mail_server(0.005) as truth, _celery(url, truth, beats):
        wave()
        wait_until(lambda: truth.count() >= WAVE_MAILS, 120)  # everybody is up
        for _moment in fault:
            if time.time() - waves[-1][0] >= WAVE_SECONDS:
                wave()
        wave()
        wait_until(lambda: truth.count() >= WAVE_MAILS * len(waves), 300)
        for _at, occurrence in waves:
            finish(occurrence)
        parts = [verdict(occurrence, WAVE_MAILS, truth, 0) for _at, occurrence in waves]
        starts = _starts([at for at, _occurrence in waves[1:]], truth.accepted())
    numbers = ("mails", "duplicates", "lost", "unaccounted", "uncertain")
    return {
        **{name: sum(part[name] for part in parts) for name in numbers},
        "waves": len(waves),
        "slowest_start": round(max(starts), 1),
        "median_start": round(statistics.median(starts), 1),
        "is_kept": all(part["is_kept"] for part in parts),
    }


def _starts(due: list[float], accepted: list[float]) -> list[float]:
    """Seconds from each wave to the next mail that was taken."""
    accepted = sorted(accepted)
    return [accepted[bisect(accepted, at)] - at for at in due]


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
