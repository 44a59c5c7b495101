"""Where faults happen: a mail server that logs before it answers, workers to kill, the truth."""

import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, connections

from communications.mailer import crash
from communications.models import Delivery, Occurrence
from upgrade_tracker.launch.places import ROOT

LEASE_SECONDS = 2
PATIENCE_SECONDS = 1800.0


@dataclass
class Truth:
    """The outside sink: one line a mail, written before its 250 is said."""

    log: Path
    port: int
    _read: int = 0
    moments: list[float] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)

    def count(self) -> int:
        """Mails taken so far; reads only what is new."""
        with self.log.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            mail = json.loads(line)
            self.numbers[mail["message_id"]] += 1
            self.moments.append(mail["at"])
        return len(self.moments)

    def accepted(self) -> list[float]:
        """When each mail was taken, in seconds since 1970."""
        self.count()
        return self.moments


@contextmanager
def mail_server(slow: float, *, has_pipelining: bool = True) -> Iterator[Truth]:
    """``slow`` seconds pass before each answer to a dot. The product sends there meanwhile."""
    manner = "pipelining" if has_pipelining else "plain"
    with tempfile.TemporaryDirectory() as name:
        log, port_file = Path(name) / "mails.log", Path(name) / "port"
        log.touch()
        process = subprocess.Popen(
            [
                *[sys.executable, "-m", "tests.communications.sink", str(log), str(port_file)],
                *[manner, str(slow)],
            ],
            cwd=ROOT,
        )
        try:
            wait_until(lambda: port_file.exists() and bool(port_file.read_text()), 30)
            truth = Truth(log, int(port_file.read_text()))
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", truth.port
            yield truth
        finally:
            process.kill()
            process.wait()


def wait_until(what: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise SystemExit("The benchmark waited in vain.")
        time.sleep(0.005)


def start_worker(
    crash_at: str = "", hours_off: float = 0.0, seconds: float | None = None
) -> BaseProcess:
    """A worker that ends when nothing is due, or after ``seconds``; its own clock may be off.

    SIGUSR1 lets the database's clock, as it sees it, jump an hour ahead, or back again.
    """
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(
        target=_work, args=(crash_at, hours_off, seconds), daemon=True
    )
    process.start()
    return process


def _work(crash_at: str, hours_off: float, seconds: float | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGUSR1, _jump)
    crash.arm(crash_at)
    from communications.services.sending import send_due

    if not hours_off:
        send_due(seconds)
        return
    import time_machine
    from django.utils.timezone import now

    with time_machine.travel(now() + timedelta(hours=hours_off)):
        send_due()


def _jump(_number: int, _frame: object) -> None:
    is_ahead = os.environ.get("UPGRADE_TRACKER_CLOCK_AHEAD", "0") != "0"
    os.environ["UPGRADE_TRACKER_CLOCK_AHEAD"] = "0" if is_ahead else "3600"


def kill(process: BaseProcess) -> None:
    if process.pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    process.join()


def crash_database() -> None:
    """One backend dies as if by `kill -9`: PostgreSQL drops everybody and recovers from its log.

    Only a server of the benchmark's own.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    server = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
    own = os.environ.get("UPGRADE_TRACKER_VAR") or "/nowhere"
    if own.encode() not in Path(f"/proc/{server}/cmdline").read_bytes():
        raise SystemExit("This database is not the benchmark's own. Take DATABASE_URL away.")
    os.kill(pid, signal.SIGKILL)
    connections.close_all()


def restart_database() -> None:
    """`pg_ctl stop -m immediate`, and a start. Only a server of the benchmark's own."""
    from tests.faults.database import stop_immediately_and_start

    it = connection.settings_dict
    connections.close_all()
    stop_immediately_and_start(
        own=Path(os.environ.get("UPGRADE_TRACKER_VAR") or "/nowhere"),
        host=it["HOST"],
        port=it["PORT"],
        user=it["USER"],
        password=it["PASSWORD"],
        dbname="postgres",
    )


def let_leases_run_out() -> None:
    """As if the time had passed over a worker that is dead."""
    Delivery.objects.filter(lease_until__isnull=False).update(lease_until="2000-01-01T00:00Z")


def finish(occurrence: Occurrence) -> None:
    """Workers that nobody disturbs, until every row has its end."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(OperationalError):
            Delivery.objects.filter(occurrence=occurrence, state="queued").update(
                not_before="2000-01-01T00:00Z"
            )
            clear_holds()
            process = start_worker()
            process.join()
            occurrence.refresh_from_db()
            if occurrence.state == "done":
                return
        connections.close_all()
        time.sleep(0.1)
    raise SystemExit("Something was never finished.")


def clear_holds() -> None:
    from communications.models import Sender

    Sender.objects.update(hold_until=None)


def verdict(occurrence: Occurrence, people: int, truth: Truth, bound: int) -> dict[str, Any]:
    """The law, as figures: nothing twice, nothing lost, nothing called what it is not."""
    truth.count()
    rows = Delivery.objects.filter(occurrence=occurrence)
    states = {
        f"<{number}@localhost>": state for number, state in rows.values_list("message_id", "state")
    }
    ours = {number: times for number, times in truth.numbers.items() if number in states}
    by_state = Counter(states.values())
    figures = {
        "mails": people,
        "duplicates": sum(times - 1 for times in ours.values()),
        "lost": sum(1 for n, state in states.items() if state == "sent" and n not in ours),
        "unaccounted": sum(1 for n in ours if states[n] not in ("sent", "uncertain")),
        "uncertain": by_state["uncertain"],
        "uncertain_arrived": sum(1 for n in ours if states[n] == "uncertain"),
        "uncertain_at_most": bound,
        "quarantined": by_state["quarantined"],
        "states": dict(by_state),
    }
    is_kept = (
        figures["duplicates"] == figures["lost"] == figures["unaccounted"] == 0
        and by_state["uncertain"] <= bound
        and set(by_state) <= {"sent", "uncertain", "quarantined"}
        and sum(by_state.values()) == people
    )
    return {**figures, "is_kept": is_kept}
