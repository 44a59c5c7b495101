"""The faults other than a storm of kills; each ends with the law checked against the truth."""

import argparse
import os
import random
import signal
import time
from collections.abc import Callable
from itertools import product
from typing import Any

from django.conf import settings

from benchmarks._field import (
    LEASE_SECONDS,
    Truth,
    crash_database,
    finish,
    let_leases_run_out,
    mail_server,
    restart_database,
    start_worker,
    verdict,
    wait_until,
)
from benchmarks.sending import make_occurrence
from communications.mailer.crash import POINTS
from tests.factories.people import UserFactory
from tests.faults.pausing import MOST_SECONDS, pause_and_resume
from tests.faults.ways import ONCE, leading_to, step_of, way_to

FEW = 400
LATENCIES = (0.0, 0.005, 0.05)


def points(options: argparse.Namespace) -> dict[str, Any]:
    """A worker dies at a named point, at its first mails or later; another one finds the rows."""
    chance = random.Random(1)
    parts: list[dict[str, Any]] = []
    deaths = dict.fromkeys(POINTS, 0)
    for n, (slow, group) in product(range(2), _by_slowness().items()):
        with mail_server(slow, has_pipelining=bool(n)) as truth:
            for point in group:
                wanted = -(-options.times // 2) if n == 0 else options.times
                for _try in range(3 * options.times):
                    if deaths[point] >= wanted:
                        break
                    died, part = _die_at(point, chance, truth, options.connections)
                    deaths[point] += died
                    parts.append(part)
    figures = added(parts)
    missed = [point for point, number in deaths.items() if number < options.times]
    figures["is_kept"] = figures["is_kept"] and not missed
    return {"kills": sum(deaths.values()), "points": len(POINTS), "missed": missed, **figures}


def _by_slowness() -> dict[float, list[str]]:
    """One mail server serves all points that want the same of it."""
    groups: dict[float, list[str]] = {}
    for point in POINTS:
        groups.setdefault(way_to(point).slow, []).append(point)
    return groups


def _die_at(
    point: str, chance: random.Random, truth: Truth, connections: int
) -> tuple[bool, dict[str, Any]]:
    """Its lease is said to have run out at once, for it is dead: nobody needs to wait for that."""
    way = way_to(point)
    occurrence = make_occurrence(way.mails)
    turn = 1 if step_of(point) in ONCE else chance.randint(1, 6)
    with leading_to(point, dead_worker=_leave_rows):
        worker = start_worker(f"{point}:{turn}", seconds=way.seconds)
        worker.join()
    let_leases_run_out()
    finish(occurrence)
    return worker.exitcode == 137, verdict(occurrence, way.mails, truth, connections)


def _leave_rows() -> None:
    start_worker("after-claim").join()
    let_leases_run_out()


def database(options: argparse.Namespace) -> dict[str, Any]:
    """PostgreSQL ends while mails leave, by itself and ordered to. Nothing may be uncertain."""
    killed = _disturbed(options.times, crash_database)
    stopped = _disturbed(options.times, restart_database)
    return {"faults": 2 * options.times, **added([killed, stopped])}


def _disturbed(times: int, fault: Callable[[], None]) -> dict[str, Any]:
    """``fault`` again and again while two workers send."""
    mails = FEW * times
    occurrence = make_occurrence(mails)
    with mail_server(0.01) as truth:
        crew = [start_worker() for _worker in range(2)]
        for n in range(times):
            while truth.count() < mails * n // times and any(c.is_alive() for c in crew):
                time.sleep(0.005)
            fault()
            time.sleep(0.5)
        for one in crew:
            one.join()
        finish(occurrence)
        return verdict(occurrence, mails, truth, 0)


def sleep(options: argparse.Namespace) -> dict[str, Any]:
    """A worker is stopped for longer than its lease while others take over, and goes on."""
    parts = []
    for n in range(options.times):
        occurrence = make_occurrence(FEW)
        with mail_server(0.01) as truth:
            sleeper = start_worker()
            wait_until(lambda n=n, truth=truth: truth.count() > n * 5)  # type: ignore[misc]
            os.kill(sleeper.pid or 0, signal.SIGSTOP)
            other = start_worker()
            time.sleep(LEASE_SECONDS + 0.3)
            os.kill(sleeper.pid or 0, signal.SIGCONT)
            for one in (sleeper, other):
                one.join()
            finish(occurrence)
            parts.append(verdict(occurrence, FEW, truth, options.connections))
    return {"faults": options.times, **added(parts)}


def clocks(options: argparse.Namespace) -> dict[str, Any]:
    """Three workers whose own clocks are two hours late, right, and a day ahead."""
    parts = []
    for _time in range(max(1, options.times // 4)):
        occurrence = make_occurrence(FEW)
        with mail_server(0.005) as truth:
            crew = [start_worker(hours_off=hours) for hours in (-2.0, 0.0, 24.0)]
            for one in crew:
                one.join()
            finish(occurrence)
            parts.append(verdict(occurrence, FEW, truth, 0))
    return {"faults": len(parts), **added(parts)}


def jumps(options: argparse.Namespace) -> dict[str, Any]:
    """The database's clock jumps an hour ahead and back while two workers send.

    All leases run out at once. Who lives writes its results afterwards, so nothing is uncertain.
    """
    parts = []
    for n in range(options.times):
        occurrence = make_occurrence(FEW)
        with mail_server(0.01) as truth:
            crew = [start_worker() for _worker in range(2)]
            for jump in (1, 2):
                wait_until(
                    lambda n=n, jump=jump, truth=truth, crew=crew: (  # type: ignore[misc]
                        truth.count() > jump * (n + 20) or not any(one.is_alive() for one in crew)
                    )
                )
                for one in crew:
                    if one.is_alive():
                        os.kill(one.pid or 0, signal.SIGUSR1)
            for one in crew:
                one.join()
            finish(occurrence)
            parts.append(verdict(occurrence, FEW, truth, 2 * options.connections))
    return {"faults": 2 * options.times, **added(parts)}


def pause(options: argparse.Namespace) -> dict[str, Any]:
    """A message is paused at a random moment and goes on, five times as often as other faults."""
    chance, user, parts = random.Random(2), UserFactory(), []
    late = 0.0
    times = 5 * options.times
    for latency in LATENCIES:
        pauses = -(-times // len(LATENCIES))
        mails = pauses * (60 if latency else 400)
        occurrence = make_occurrence(mails)
        with mail_server(latency) as truth:
            for _time in range(pauses):
                one = pause_and_resume(
                    occurrence.message,
                    user=user,
                    starting=start_worker,
                    accepted=truth.accepted,
                    chance=chance,
                )
                late = max(late, one)
            finish(occurrence)
            parts.append(verdict(occurrence, mails, truth, 0))
    figures = added(parts)
    figures["is_kept"] = figures["is_kept"] and late <= MOST_SECONDS
    return {"faults": pauses * len(LATENCIES), "last_mail_after_seconds": round(late, 2), **figures}


def redis(options: argparse.Namespace) -> dict[str, Any]:
    from benchmarks._broker import broker_faults

    # Its beats and workers read the settings anew.
    settings.DEVELOPMENT = True
    return broker_faults(options)


def added(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of several runs; the law holds when it held in each."""
    numbers = ("mails", "duplicates", "lost", "unaccounted", "uncertain", "uncertain_arrived")
    bad = [part for part in parts if not part["is_kept"]]
    return {
        **{name: sum(part[name] for part in parts) for name in numbers},
        "is_kept": not bad,
        **({"first_bad": bad[0]} if bad else {}),
    }
