"""What sending keeps when everything else fails: no mail twice, none lost, the uncertain few shown.

    python3 start.py benchmark faults [--json] [--kills 500] [--mails 100000] [--times 20]
        [--only storm points database redis sleep clocks jumps pause] [--write]

An SMTP server in a process of its own, which logs a mail before it says 250, is the truth. Workers
die by `kill -9` at random moments and at every named point; PostgreSQL crashes, and is stopped at
once, and recovers; the broker is flushed, stopped and restarted under a real Celery worker; workers
sleep past their lease; their clocks are wrong; the database's clock jumps; somebody pauses the
message. After each the law is checked against the server's log. Ends with 1 where it does not hold.
With `--write` the result stands in docs/faults.md.
"""

import argparse
import json
import os
import random
import sys
import time
from typing import Any

import django
from django.conf import settings

from benchmarks.importing import scratch_database

WORKERS = 3
SCENARIOS = ("storm", "points", "database", "redis", "sleep", "clocks", "jumps", "pause")


def main() -> None:
    options = read_options()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
    django.setup()
    from benchmarks import _scenarios
    from benchmarks._field import LEASE_SECONDS
    from benchmarks._report import write_faults

    settings.DEVELOPMENT, settings.SEND_LEASE_SECONDS = True, LEASE_SECONDS
    settings.SEND_CONNECTIONS = options.connections
    found: dict[str, Any] = {}
    with scratch_database():
        for name in options.only:
            start = time.monotonic()
            work = storm if name == "storm" else getattr(_scenarios, name)
            found[name] = work(options)
            found[name]["seconds"] = round(time.monotonic() - start, 1)
            found[name]["load"] = round(os.getloadavg()[0], 2)
            print(f"{name}: {json.dumps(found[name])}", file=sys.stderr, flush=True)
            figures = together(found, options, LEASE_SECONDS)
            if options.write:
                write_faults(figures)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))
    sys.exit(0 if figures["is_kept"] else 1)


def together(found: dict[str, Any], options: argparse.Namespace, lease: int) -> dict[str, Any]:
    total = ("kills", "duplicates", "lost", "uncertain", "mails")
    return {
        "is_kept": all(one["is_kept"] for one in found.values()),
        **{name: sum(one.get(name, 0) for one in found.values()) for name in total},
        "connections": options.connections,
        "workers": WORKERS,
        "lease_seconds": lease,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "scenarios": found,
    }


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--mails", type=int, default=100_000, help="of the storm")
    parser.add_argument("--times", type=int, default=20, help="of each other fault")
    parser.add_argument("--connections", type=int, default=8, help="of each worker")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=list(SCENARIOS))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="the result into docs/faults.md")
    return parser.parse_args()


def storm(options: argparse.Namespace) -> dict[str, Any]:
    """Random `kill -9`, spread over the mails, a third of them with each latency."""
    from benchmarks._scenarios import LATENCIES, added

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
    start = time.monotonic()
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
        figures = verdict(occurrence, mails, truth, kills * options.connections)
    took = round(time.monotonic() - start, 1)
    return {"kills": done, "latency": latency, "seconds": took, **figures}


def thirds(number: int) -> list[int]:
    return [number // 3 + (n < number % 3) for n in range(3)]


if __name__ == "__main__":
    main()
