"""How fast mails leave with the whole guarantee, as a share of bare smtplib on the same server.

    python3 start.py benchmark sending [--json] [--sink HOST:PORT] [--rounds 5] [--mails 6000]
        [--processes 1 2] [--connections 8] [--latency fast constant_5_ms uneven]

The server is Postfix's `smtp-sink` (Debian package `postfix`). Both sides use the same number of
processes and of connections; a connection serves 100 mails. Bare smtplib sends one prepared mail
again and again; ours claims rows that are queued, looks each person up, asks every rule, renders,
marks and records each. Making the rows is measured apart (`benchmark million`). Rounds take turns;
a ratio is the median of the rounds', and `ratio_to_raw` the lowest of all settings. One task for
each mail runs in as many Celery processes as ours have connections; `ratio_to_task_per_mail` is the
lowest, too (one process; a worker of ours has two).
With `--sink` duplicates are what the rows know of, for only the sink's owner can count it.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import django
from django.conf import settings
from django.db import connection, connections

from benchmarks._sinks import LATENCIES, MISSING, Sink, behind, find_sink, smtp_sink
from benchmarks.importing import scratch_database

# With latency a round of so many would take minutes.
FEWER = 4
TASK_MAILS = 400


def main() -> None:
    options = read_options()
    if not options.sink and find_sink() is None:
        print(json.dumps({"skipped": MISSING}) if options.json else MISSING)
        sys.exit(0)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
    django.setup()
    # A process of ours begins to send at once, as one of the peer's does.
    import_module("communications.services.sending")
    settings.SEND_CONNECTIONS, settings.DEVELOPMENT = options.connections, False
    with scratch_database(), smtp_sink(options.sink) as sink:
        figures = compare(options, sink)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=6000, help="in a round without latency")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--connections", type=int, default=8, help="of each process")
    parser.add_argument("--latency", nargs="+", choices=LATENCIES, default=list(LATENCIES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sink", default="", metavar="HOST:PORT")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def compare(options: argparse.Namespace, sink: Sink) -> dict[str, Any]:
    size = size_of_a_mail(sink)
    load = [os.getloadavg()[0]]
    rows: list[dict[str, Any]] = []
    for latency in options.latency:
        mails = options.mails if latency == "fast" else options.mails // FEWER
        with behind(sink, latency) as (host, port):
            settings.EMAIL_HOST, settings.EMAIL_PORT = host, port
            for processes in options.processes:
                figures = side_by_side(host, port, mails, processes, size, options)
                rows.append({"latency": latency, "processes": processes, **figures})
                load.append(os.getloadavg()[0])
    per_mail = task_per_mail(sink, options, load)
    return {
        "ratio_to_raw": min(row["ratio_to_raw"] for row in rows),
        **per_mail,
        **what_arrived(sink),
        "settings": rows,
        "connections": options.connections,
        "rounds": options.rounds,
        "bytes_a_mail": size,
        "cores": os.cpu_count(),
        "load": round(max(load), 2),
    }


def side_by_side(
    host: str, port: int, mails: int, processes: int, size: int, options: argparse.Namespace
) -> dict[str, Any]:
    from benchmarks._peers import send_bare

    raw, ours = [], []
    each = mails // processes
    for _round in range(options.rounds):
        bare = in_processes(
            processes, lambda: send_bare(host, port, each, options.connections, size)
        )
        raw.append(each * processes / bare)
        expanded(mails)
        ours.append(mails / in_processes(processes, send_ours))
    ratios = [own / peer for own, peer in zip(ours, raw, strict=True)]
    return {
        "ratio_to_raw": round(statistics.median(ratios), 3),
        "lowest_round": round(min(ratios), 3),
        "mails_a_second": round(statistics.median(ours)),
        "raw_mails_a_second": round(statistics.median(raw)),
        "mails": mails,
    }


def task_per_mail(sink: Sink, options: argparse.Namespace, load: list[float]) -> dict[str, Any]:
    """Each number of processes of ours against as many tasks at once as they have connections."""
    settings.EMAIL_HOST, settings.EMAIL_PORT = sink.host, sink.port
    rows = []
    for processes in options.processes:
        rows.append(beside_tasks(sink, processes, options))
        load.append(os.getloadavg()[0])
    lowest = min(row["ratio_to_task_per_mail"] for row in rows)
    return {"ratio_to_task_per_mail": lowest, "task_per_mail": rows}


def beside_tasks(sink: Sink, processes: int, options: argparse.Namespace) -> dict[str, Any]:
    from benchmarks._peers import task_rate

    ours, rates = [], []
    for _round in range(min(options.rounds, 3)):
        expanded(options.mails)
        ours.append(options.mails / in_processes(processes, send_ours))
        rows, tasks = expanded(TASK_MAILS), options.connections * processes
        rates.append(task_rate(rows, sink.host, sink.port, tasks))
    ratios = [own / peer for own, peer in zip(ours, rates, strict=True)]
    return {
        "processes": processes,
        "ratio_to_task_per_mail": round(statistics.median(ratios), 1),
        "mails_a_second": round(statistics.median(ours)),
        "tasks_a_second": round(statistics.median(rates)),
    }


def what_arrived(sink: Sink) -> dict[str, Any]:
    """Against the sink's own file; without it, against what the rows know of."""
    from communications.models import Delivery

    ours = {
        f"<{number}@localhost>".encode()
        for number in Delivery.objects.filter(attempts__gt=0).values_list("message_id", flat=True)
    }
    taken = sink.numbers()
    if taken is None:
        again = Delivery.objects.filter(attempts__gt=1).count()
        lost = Delivery.objects.filter(attempts__gt=0).exclude(state="sent").count()
        return {"duplicates": again, "lost": lost, "counted_by": "rows"}
    twice = sum(times - 1 for number, times in taken.items() if number in ours)
    return {"duplicates": twice, "lost": len(ours - set(taken)), "counted_by": "sink"}


def in_processes(number: int, work: Callable[[], None]) -> float:
    """Seconds until ``number`` forked processes have done ``work``."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    crew = [fork.Process(target=work) for _process in range(number)]
    start = time.perf_counter()
    for process in crew:
        process.start()
    for process in crew:
        process.join()
    if any(process.exitcode for process in crew):
        raise SystemExit("A process of the benchmark failed.")
    return time.perf_counter() - start


def send_ours() -> None:
    """Until nothing can be claimed; not until what others hold is done."""
    from communications.services.sending import send_due

    send_due(seconds=600)


def size_of_a_mail(sink: Sink) -> int:
    """Bytes of one mail of ours, so that the peer sends as much."""
    from communications.services.pipeline.build import Drafts
    from communications.services.pipeline.claim import claim
    from communications.services.pipeline.switch import ensure_switch

    expanded(1)
    ensure_switch()
    (draft,) = Drafts().of(claim(uuid_of_nobody(), 1, 0.0))
    return len(draft.build("a@localhost").body)


def uuid_of_nobody() -> Any:
    from uuid import UUID

    return UUID(int=0)


def expanded(people: int) -> Any:
    """An occurrence whose rows are made."""
    from communications.services.pipeline.house import keep_house

    occurrence = make_occurrence(people)
    keep_house()
    return occurrence


def make_occurrence(people: int) -> Any:
    """One message, due now, to everybody of one project."""
    from tests.factories.communications import MessageFactory, OccurrenceFactory

    message = MessageFactory(
        audience_kind="everyone",
        cohort_kind="",
        subject="A word to {person_name}",
        body="Hello {person_name},\n\n" + "a line of **text** as mails have them. " * 10,
    )
    at = "1999-01-01T00:00Z"
    occurrence = OccurrenceFactory(
        message=message, cohort=None, state="approved", due_at=at, not_after=None
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO cohorts_participant (public_id, project_id, key, upn, mail, display_name,
                object_id, sip_address, department, office, country, usage_location, language,
                manager, status, created_at)
            SELECT gen_random_uuid(), %s, k, k, '', 'Person ' || n, '', '', '', '', '', '', '', '',
                'active', now()
            FROM generate_series(1, %s) n, LATERAL (
                -- Nobody gets more mails than a week's number: each project has its own people.
                SELECT 'p' || n || '.' || %s || '@example.org'
            ) AS t (k)
            """,
            [message.project_id, people, message.project_id],
        )
        cursor.execute("ANALYZE cohorts_participant")
    return occurrence


if __name__ == "__main__":
    main()
