"""How fast mails leave with the whole guarantee, as a share of bare smtplib on the same server.

    python3 start.py benchmark sending [--mails 2000] [--workers 1] [--rounds 3] [--json]

The server is Postfix's `smtp-sink` (Debian package `postfix`). Both sides use as many processes as
--workers, one connection each. Bare smtplib sends one prepared mail again and again; ours finds the
people, renders, marks and records each. Rounds take turns; the ratio is the median of the rounds'.
"""

import argparse
import json
import multiprocessing
import os
import re
import shutil
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection, connections

from benchmarks.importing import scratch_database
from upgrade_tracker.launch.ports import free_port

SINK = "smtp-sink"
SIZE = 2300
MISSING = (
    "smtp-sink is not on this machine, so sending was not measured. "
    "Install Debian's package postfix and run this again."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if find_sink() is None:
        print(json.dumps({"skipped": MISSING}) if options.json else MISSING)
        sys.exit(0)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
    django.setup()
    with scratch_database(), sink() as (port, folder):
        figures = compare(options.mails, options.workers, options.rounds, port, folder)
    if options.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:28} {figure:>12}")


def find_sink() -> str | None:
    return shutil.which(SINK, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def sink() -> Iterator[tuple[int, Path]]:
    """A running smtp-sink: its port, and the folder where it puts every mail it took."""
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        command = [str(find_sink()), "-D", f"{name}/mails", f"127.0.0.1:{port}", "1000"]
        if os.getuid() == 0:
            command[1:1] = ["-u", "nobody"]
        process = subprocess.Popen(command, cwd=folder)
        try:
            wait_for(port)
            yield port, folder
        finally:
            process.kill()
            process.wait()


def wait_for(port: int) -> None:
    for _try in range(100):
        try:
            smtplib.SMTP("127.0.0.1", port, timeout=5).quit()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("smtp-sink did not start.")


def compare(mails: int, workers: int, rounds: int, port: int, folder: Path) -> dict[str, Any]:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    raw, ours = [], []
    each = mails // workers
    for _round in range(rounds):
        raw.append(each * workers / in_processes(workers, lambda: send_bare(port, each)))
        make_occurrence(mails)
        ours.append(mails / in_processes(workers, send_ours))
    numbers = re.findall(rb"(?im)^Message-ID: (<.+@.+>)", (folder / "mails").read_bytes())
    numbers = [number for number in numbers if number != b"<bare@localhost>"]
    return {
        "ratio_to_raw": round(statistics.median(o / r for o, r in zip(ours, raw, strict=True)), 3),
        "mails_a_second": round(statistics.median(ours)),
        "raw_mails_a_second": round(statistics.median(raw)),
        "duplicates": len(numbers) - len(set(numbers)),
        "lost": mails * rounds - len(set(numbers)),
        "mails": mails,
        "workers": workers,
        "rounds": rounds,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }


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
    return time.perf_counter() - start


def send_bare(port: int, number: int) -> None:
    head = "From: a@localhost\r\nTo: b@localhost\r\nMessage-ID: <bare@localhost>\r\n\r\n"
    line = "A line of text as mails have them, not too long.\r\n"
    mail = (head + line * ((SIZE - len(head)) // len(line))).encode()
    for start in range(0, number, 100):  # a connection serves 100 mails, as ours do
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as client:
            for _mail in range(min(100, number - start)):
                client.sendmail("a@localhost", ["b@localhost"], mail)


def send_ours() -> None:
    from communications.services.sending import send_due

    send_due()


def make_occurrence(people: int) -> None:
    """One message, due now, to everybody of one project."""
    from tests.factories.communications import MessageFactory, OccurrenceFactory

    message = MessageFactory(
        audience_kind="everyone",
        cohort_kind="",
        subject="A word to {person_name}",
        body="Hello {person_name},\n\n" + "a line of **text** as mails have them. " * 10,
    )
    at = "1999-01-01T00:00Z"
    OccurrenceFactory(message=message, cohort=None, state="approved", due_at=at, not_after=None)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO cohorts_participant (public_id, project_id, key, upn, mail, display_name,
                object_id, sip_address, department, office, country, usage_location, language,
                manager, status, created_at)
            SELECT gen_random_uuid(), %s, k, k, '', 'Person ' || n, '', '', '', '', '', '', '', '',
                'active', now()
            FROM generate_series(1, %s) n, LATERAL (SELECT 'p' || n || '@example.org') AS t (k)
            """,
            [message.project_id, people],
        )
        cursor.execute("ANALYZE cohorts_participant")


if __name__ == "__main__":
    main()
