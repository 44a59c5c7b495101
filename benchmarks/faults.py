"""What sending keeps when everything else fails: no mail twice, none lost, the uncertain few shown.

    python3 start.py benchmark faults [--json] [--kills 500] [--mails 100000] [--times 20]
        [--only storm points database redis sleep clocks]

An SMTP server in a process of its own, which logs a mail before it says 250, is the truth. Workers
die by `kill -9` at random moments and at every named point; PostgreSQL crashes and recovers; the
broker is flushed, stopped and restarted under a real Celery worker; workers sleep past their
lease; their clocks are wrong. After each the law is checked against the server's log. Ends with 1
where it does not hold.
"""

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

from benchmarks.importing import scratch_database

WORKERS = 3
LATENCIES = (0.0, 0.005, 0.05)
FEW = 400


def main() -> None:
    options = read_options()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
    django.setup()
    from benchmarks._field import LEASE_SECONDS

    settings.DEVELOPMENT, settings.SEND_LEASE_SECONDS = True, LEASE_SECONDS
    settings.SEND_CONNECTIONS = options.connections
    found: dict[str, Any] = {}
    with scratch_database():
        for name in options.only:
            start = time.monotonic()
            found[name] = SCENARIOS[name](options)
            found[name]["seconds"] = round(time.monotonic() - start, 1)
            print(f"{name}: {json.dumps(found[name])}", file=sys.stderr, flush=True)
    is_kept = all(one["is_kept"] for one in found.values())
    total = ("kills", "duplicates", "lost", "uncertain", "mails")
    figures = {
        "is_kept": is_kept,
        **{name: sum(one.get(name, 0) for one in found.values()) for name in total},
        "connections": options.connections,
        "workers": WORKERS,
        "lease_seconds": LEASE_SECONDS,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "scenarios": found,
    }
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))
    sys.exit(0 if is_kept else 1)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--mails", type=int, default=100_000, help="of the storm")
    parser.add_argument("--times", type=int, default=20, help="of each other fault")
    parser.add_argument("--connections", type=int, default=8, help="of each worker")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=list(SCENARIOS))
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def storm(options: argparse.Namespace) -> dict[str, Any]:
    """Random `kill -9`, spread over the mails, a third of them with each latency."""
    parts = [
        _storm(options, kills, mails, latency)
        for kills, mails, latency in zip(
            thirds(options.kills), thirds(options.mails), LATENCIES, strict=True
        )
    ]
    return {"kills": sum(part["kills"] for part in parts), **added(parts), "by_latency": parts}


def _storm(options: argparse.Namespace, kills: int, mails: int, latency: float) -> dict[str, Any]:
    from benchmarks._field import finish, kill, mail_server, start_worker, verdict
    from benchmarks.sending import make_occurrence

    chance = random.Random(kills)
    occurrence = make_occurrence(mails)
    moments = sorted(chance.randrange(mails * 97 // 100) for _kill in range(kills))
    with mail_server(latency) as truth:
        crew = [start_worker() for _worker in range(WORKERS)]
        done = 0
        while done < kills:
            while truth.count() < moments[done] and any(one.is_alive() for one in crew):
                time.sleep(0.002)
            time.sleep(chance.uniform(0.0, 0.02))
            place = chance.randrange(WORKERS)
            done += crew[place].is_alive()
            kill(crew[place])
            crew[place] = start_worker()
        for one in crew:
            one.join()
        finish(occurrence)
        bound = kills * options.connections
        return {"kills": done, "latency": latency, **verdict(occurrence, mails, truth, bound)}


def points(options: argparse.Namespace) -> dict[str, Any]:
    """A worker dies at a named point, at its first mails or later; another one finds the rows."""
    from benchmarks._field import finish, mail_server, start_worker, verdict
    from benchmarks.sending import make_occurrence
    from communications.mailer.crash import POINTS

    chance = random.Random(1)
    parts, deaths = [], 0
    for n in range(options.times):
        for point in POINTS:
            occurrence = make_occurrence(60)
            with mail_server(0.0, has_pipelining=bool(n % 2)) as truth:
                turn = 1 if "claim" in point or "begin" in point else chance.randint(1, 6)
                worker = start_worker(f"{point}:{turn}")
                worker.join()
                deaths += worker.exitcode == 137
                finish(occurrence)
                parts.append(verdict(occurrence, 60, truth, options.connections))
    return {"kills": deaths, "points": len(POINTS), **added(parts)}


def database(options: argparse.Namespace) -> dict[str, Any]:
    """PostgreSQL crashes while mails leave. No worker dies, so nothing may be uncertain."""
    from benchmarks._field import crash_database

    return disturbed(options, crash_database, bound=0)


def sleep(options: argparse.Namespace) -> dict[str, Any]:
    """A worker is stopped for longer than its lease while others take over, and goes on."""
    from benchmarks._field import (
        LEASE_SECONDS,
        finish,
        mail_server,
        start_worker,
        verdict,
        wait_until,
    )
    from benchmarks.sending import make_occurrence

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
    return added(parts)


def clocks(options: argparse.Namespace) -> dict[str, Any]:
    """Three workers whose own clocks are two hours late, right, and a day ahead."""
    from benchmarks._field import finish, mail_server, start_worker, verdict
    from benchmarks.sending import make_occurrence

    parts = []
    for _time in range(max(1, options.times // 4)):
        occurrence = make_occurrence(FEW)
        with mail_server(0.005) as truth:
            crew = [start_worker(hours_off=hours) for hours in (-2.0, 0.0, 24.0)]
            for one in crew:
                one.join()
            finish(occurrence)
            parts.append(verdict(occurrence, FEW, truth, 0))
    return added(parts)


def redis(options: argparse.Namespace) -> dict[str, Any]:
    from benchmarks._broker import broker_faults

    return broker_faults(options)


def disturbed(options: argparse.Namespace, fault: Callable[[], None], bound: int) -> dict[str, Any]:
    """``fault`` again and again while two workers send."""
    from benchmarks._field import finish, mail_server, start_worker, verdict
    from benchmarks.sending import make_occurrence

    mails = FEW * options.times
    occurrence = make_occurrence(mails)
    with mail_server(0.01) as truth:
        crew = [start_worker() for _worker in range(2)]
        for n in range(options.times):
            while truth.count() < mails * n // options.times and any(c.is_alive() for c in crew):
                time.sleep(0.005)
            fault()
            time.sleep(0.5)
        for one in crew:
            one.join()
        finish(occurrence)
        return {"faults": options.times, **verdict(occurrence, mails, truth, bound)}


def added(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of several runs; the law holds when it held in each."""
    numbers = ("mails", "duplicates", "lost", "unaccounted", "uncertain", "uncertain_arrived")
    return {
        **{name: sum(part[name] for part in parts) for name in numbers},
        "is_kept": all(part["is_kept"] for part in parts),
    }


def thirds(number: int) -> list[int]:
    return [number // 3 + (n < number % 3) for n in range(3)]


SCENARIOS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "storm": storm,
    "points": points,
    "database": database,
    "redis": redis,
    "sleep": sleep,
    "clocks": clocks,
}

if __name__ == "__main__":
    main()
