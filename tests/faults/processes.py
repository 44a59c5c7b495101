"""Real processes for the fault tests: a mail server with a log, and workers that can be killed."""

import contextlib
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

from django.db import connection, connections

from communications.mailer import crash
from communications.models import Delivery
from tests.communications.pipeline import new_worker
from tests.communications.sink import Mail, Sink

ROOT = Path(__file__).resolve().parents[2]


def wait_until(what: Callable[[], bool], seconds: float = 60.0) -> None:
    """Look again and again; a test that waits in vain fails here."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


class Mailserver:
    """``mails()`` is the truth. ``slow`` seconds pass before each answer to a dot."""

    def __init__(self, folder: Path, *, has_pipelining: bool = True, slow: float = 0.0) -> None:
        self.log = folder / "mails.log"
        self._sink = Sink(self.log, has_pipelining=has_pipelining, slow=slow)
        self.port = self._sink.port
        self._process = multiprocessing.get_context("fork").Process(target=self._sink.serve_forever)

    def __enter__(self) -> "Mailserver":
        """It listens already: whoever calls before the process is there waits for a moment."""
        self._process.start()
        self._sink.close()
        return self

    def __exit__(self, *about: object) -> None:
        kill(self._process)

    def hurry(self) -> None:
        """From now on it answers each dot at once."""
        self._sink.hurried.set()

    def mails(self) -> list[Mail]:
        lines = self.log.read_text().splitlines()
        return [Mail(**json.loads(line)) for line in lines]

    def count(self) -> int:
        return self.log.read_bytes().count(b"\n")


def _work(crash_at: str, is_patient: bool, seconds: float | None) -> None:
    crash.arm(crash_at)
    new_worker().run(seconds, is_patient=is_patient)


def environment(server: Mailserver) -> dict[str, str]:
    """For processes that start from nothing: the test's database and mail server."""
    it = connection.settings_dict
    address = f"{it['USER']}:{it['PASSWORD']}@{it['HOST']}:{it['PORT']}/{it['NAME']}"
    return {
        **os.environ,
        "DATABASE_URL": f"postgres://{address}",
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
        "DEVELOPMENT": "1",
    }


def start_worker(
    crash_at: str = "", *, is_patient: bool = False, seconds: float | None = None
) -> BaseProcess:
    """A worker process that ends when nothing is due, or after ``seconds``, or is ended.

    A patient one also waits for what others hold, dead or alive.
    """
    return started(_work, crash_at, is_patient, seconds)


def started(work: Callable[..., None], *words: object) -> BaseProcess:
    """A process that does ``work`` with a database connection of its own."""
    connections.close_all()  # a child must not share ours
    process = multiprocessing.get_context("fork").Process(target=work, args=words)
    process.start()
    return process


def kill(process: BaseProcess) -> None:
    if process.pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    process.join(10)


def let_leases_run_out() -> None:
    """As if the time had passed; only rows that somebody holds have a lease."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE communications_delivery SET lease_until = clock_timestamp()"
            " WHERE lease_until IS NOT NULL"
        )


def finish() -> None:
    """A worker that nobody disturbs, until nothing is left to do."""
    let_leases_run_out()
    Delivery.objects.filter(state="queued").update(not_before="2000-01-01T00:00Z")
    new_worker().run()
