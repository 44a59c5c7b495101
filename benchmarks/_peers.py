"""What sending is compared with: bare smtplib, and one Celery task for each mail."""

import contextlib
import os
import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from communications.models import Delivery, Occurrence
from upgrade_tracker.launch.places import ROOT

A_CONNECTION = 100  # mails, as ours


def send_bare(host: str, port: int, mails: int, connections: int, size: int) -> None:
    """One prepared mail of ``size`` bytes again and again, each thread on its own connection."""
    head = "From: a@localhost\r\nTo: b@localhost\r\nMessage-ID: <bare@localhost>\r\n\r\n"
    line = "A line of text as mails have them, not too long.\r\n"
    mail = (head + line * ((size - len(head)) // len(line))).encode()
    shares = [mails // connections + (n < mails % connections) for n in range(connections)]
    crew = [threading.Thread(target=_thread, args=(host, port, n, mail)) for n in shares if n]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()


def _thread(host: str, port: int, number: int, mail: bytes) -> None:
    for start in range(0, number, A_CONNECTION):
        with smtplib.SMTP(host, port, local_hostname="localhost") as client:
            for _mail in range(min(A_CONNECTION, number - start)):
                client.sendmail("a@localhost", ["b@localhost"], mail)


def task_rate(occurrence: Occurrence, host: str, port: int, concurrency: int) -> float:
    """Mails a second with a real worker and a real broker, from the first task to the last row."""
    from benchmarks._tasks import send_one

    pks = list(Delivery.objects.filter(occurrence=occurrence).values_list("pk", flat=True))
    warm, measured = pks[: concurrency * 2], pks[concurrency * 2 :]
    with _celery(host, port, concurrency):
        for pk in warm:
            send_one.delay(pk)
        _wait_until_sent(occurrence, len(warm))
        start = time.perf_counter()
        for pk in measured:
            send_one.delay(pk)
        _wait_until_sent(occurrence, len(pks))
        return len(measured) / (time.perf_counter() - start)


def _wait_until_sent(occurrence: Occurrence, number: int) -> None:
    end = time.monotonic() + 300
    while Delivery.objects.filter(occurrence=occurrence, state="sent").count() < number:
        if time.monotonic() > end:
            raise SystemExit("The worker of one task for each mail did not finish.")
        time.sleep(0.02)


@contextmanager
def _celery(host: str, port: int, concurrency: int) -> Iterator[None]:
    it = connection.settings_dict
    address = f"{it['USER']}:{it['PASSWORD']}@{it['HOST']}:{it['PORT']}/{it['NAME']}"
    process = subprocess.Popen(
        [
            *[sys.executable, "-m", "celery", "--app", "benchmarks._tasks", "worker"],
            *["--concurrency", str(concurrency), "--loglevel", "ERROR", "--queues", "per-mail"],
            *["--without-gossip", "--without-mingle", "--without-heartbeat"],
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": f"postgres://{address}",
            "EMAIL_URL": f"smtp://{host}:{port}",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
