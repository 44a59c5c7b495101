"""One message to a million people: how long their rows take, and what everybody else notices.

    python3 start.py benchmark million [--people 1000000] [--minutes 2] [--rounds 3] [--json]

`expansion`: the rows made by the product against one bare `INSERT ... SELECT` of the same rows
into the same table, rounds taking turns; `repeat_inserted` are rows a second expansion added.
`urgent`: messages to one person each, ordered while a worker (`send_due`) collects the million and
sends to `smtp-sink`: seconds from the moment they are due until the server has them.
`worker`: its peak memory, and how much that grew from mail 50,000 until the watch ends, which is
after so many minutes, at least one after that mail, or with the last one. `pages`: four pages asked
for each second meanwhile by somebody signed in, against the same before a mail was sent. Ends with
1 where a limit is broken.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import django

from benchmarks._sinks import MISSING, Sink, find_sink, smtp_sink
from benchmarks.overview import scratch_database

LIMITS = {
    "expansion_ratio": 2.0,
    "repeat_inserted": 0,
    "urgent_worst_seconds": 10.0,
    "urgent_not_sent": 0,
    "worker_peak_mib": 250.0,
    "worker_growth_percent": 5.0,
    "wrong_answers": 0,
    "duplicates": 0,
}
URGENT = 20
CALM_ROUNDS = 15  # of pages before the sending
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 60.0
GROWING_SECONDS = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if find_sink() is None:
        print(json.dumps({"skipped": MISSING}) if options.json else MISSING)
        sys.exit(0)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
    django.setup()
    with scratch_database(), smtp_sink("", is_kept=False) as sink:
        figures = measure(options, sink)
    figures["limits"] = LIMITS
    figures["broken"] = [
        name for name, limit in LIMITS.items() if figures[name] is None or figures[name] > limit
    ]
    figures["is_kept"] = not figures["broken"]
    figures |= {"people": options.people, "cores": os.cpu_count()}
    figures["load"] = round(os.getloadavg()[0], 2)
    print(json.dumps(figures, indent=None if options.json else 2))
    raise SystemExit(not figures["is_kept"])


def is_broken(name: str, figures: dict[str, Any]) -> bool:
    """What could not be measured is not kept."""
    return figures[name] is None or figures[name] > LIMITS[name]


def measure(options: argparse.Namespace, sink: Sink) -> dict[str, Any]:
    from benchmarks._million import back_to_the_start, compare_expansion, keep_house, make_mailing
    from benchmarks._visits import compare, web

    occurrence = make_mailing(options.people)
    keep_house()  # what the playbook's own occurrences have to settle is not ours
    expansion = compare_expansion(occurrence, options)
    with web(occurrence) as visitor:
        for _round in range(CALM_ROUNDS):
            visitor.ask()
        calm = visitor.take()
        back_to_the_start(occurrence)
        with visitor.asking():
            watched = watch(occurrence, options, sink)
        return {
            **expansion,
            **watched,
            "wrong_answers": len(visitor.wrong),
            "first_wrong": visitor.wrong[:5],
            "pages": compare(calm, visitor.take()),
        }


def watch(occurrence: Any, options: argparse.Namespace, sink: Sink) -> dict[str, Any]:
    """A worker with the million before it, and those who cannot wait."""
    from benchmarks._million import count, state_of, urgent_messages
    from benchmarks._visits import worker

    seen = Seen(urgent_messages(URGENT))
    with worker(sink) as memory:
        wait_for(lambda: state_of(occurrence) != "approved")
        look_on(occurrence, memory, options, seen)
        wait_for(lambda: all(count(one, state="sent") for _state, one in seen.ordered))
        peak, mark = memory.peak(), seen.mib_at_mark
    return {
        **urgent_figures(seen.ordered),
        "worker_peak_mib": peak,
        "worker_growth_percent": round(100 * (peak / mark - 1), 1) if mark else None,
        "worker_mib_at_mark": mark,
        "collected_after_seconds": seen.collected_after,
        "sent": seen.sent,
        "mails_a_second": round(seen.sent / seen.seconds),
        "duplicates": count(occurrence, attempts__gt=1),
    }


@dataclass
class Seen:
    """What was ordered, and in which state the million was then; what the worker did."""

    waiting: list[Any]
    ordered: list[tuple[str, Any]] = field(default_factory=list)
    mib_at_mark: float | None = None
    collected_after: float | None = None
    seconds: float = 0.0
    sent: int = 0


def look_on(occurrence: Any, memory: Any, options: argparse.Namespace, seen: Seen) -> None:
    """Until the time is over or the last mail has left."""
    from benchmarks._million import count, is_sent, order, state_of

    chance, marked = random.Random(7), min(50_000, options.people // 2)
    start = next_order = now = time.monotonic()
    end = start + 60 * options.minutes
    while (now < end or not seen.mib_at_mark) and (state := state_of(occurrence)) != "done":
        peak = memory.peak()
        if seen.collected_after is None and state == "sending":
            seen.collected_after = round(now - start, 1)
        if seen.waiting and now >= next_order:
            seen.ordered.append((state, order(seen.waiting.pop())))
            next_order = now + chance.uniform(0, pause(state, len(seen.waiting), end - now))
        if seen.mib_at_mark is None and is_sent(occurrence, marked):
            seen.mib_at_mark, end = peak, max(end, now + GROWING_SECONDS)
        time.sleep(LOOK_SECONDS)
        now = time.monotonic()
    seen.seconds, seen.sent = now - start, count(occurrence, state="sent")


def pause(state: str, left: int, seconds: float) -> float:
    """The longest until the next urgent message: half of them come while people are collected."""
    if state == "expanding" and left > URGENT // 2:
        return 4.0
    return 2 * max(seconds, 0.0) / (left + 1)


def wait_for(what: Callable[[], bool]) -> None:
    """The figures tell where it was in vain."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and not what():
        time.sleep(LOOK_SECONDS)


def urgent_figures(ordered: list[tuple[str, Any]]) -> dict[str, Any]:
    """The row says ``sent`` a moment after the server has the mail, so no figure is too good."""
    seconds: dict[str, list[float]] = {"expanding": [], "sending": []}
    for state, one in ordered:
        for sent_at in one.deliveries.filter(state="sent").values_list("sent_at", flat=True):
            seconds.setdefault(state, []).append((sent_at - one.due_at).total_seconds())
    every = [number for some in seconds.values() for number in some]
    return {
        "urgent": len(ordered),
        "urgent_not_sent": len(ordered) - len(every),
        "urgent_worst_seconds": round(max(every), 2) if every else None,
        "urgent_median_seconds": round(statistics.median(every), 2) if every else None,
        **{f"urgent_worst_while_{s}": round(max(some), 2) for s, some in seconds.items() if some},
    }


if __name__ == "__main__":
    main()
