"""Processes beside the benchmark's own: a worker and its memory, a web process and its visitor."""

import contextlib
import http.client
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks._sinks import Sink
from upgrade_tracker.launch.places import ROOT
from upgrade_tracker.launch.ports import free_port

MIB = 1024  # of the kB in /proc
STOP_SECONDS = 30
PAGE_SECONDS = 60
Times = dict[str, list[float]]


@dataclass
class Memory:
    """A process's resident memory as the kernel counts it, in MiB."""

    pid: int

    def peak(self) -> float:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return round(int(line.split()[1]) / MIB, 1)
        raise SystemExit("The worker of the benchmark is gone.")


@contextmanager
def worker(sink: Sink) -> Iterator[Memory]:
    """`manage.py send_due` as an installation without Celery runs it."""
    command = [sys.executable, "manage.py", "send_due", "--every", "1"]
    with started(command, {"EMAIL_URL": f"smtp://{sink.host}:{sink.port}"}) as process:
        yield Memory(process.pid)


@contextmanager
def started(command: list[str], more: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that works with the scratch database; asked to end at the end."""
    it = connection.settings_dict
    address = f"{it['USER']}:{it['PASSWORD']}@{it['HOST']}:{it['PORT']}/{it['NAME']}"
    environment = {**os.environ, "DATABASE_URL": f"postgres://{address}", **more}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass
class Visitor:
    """Somebody signed in who asks for each page each second; milliseconds of each answer."""

    port: int
    addresses: dict[str, str]
    cookie: str
    times: Times = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def ask(self) -> None:
        for name, address in self.addresses.items():
            started_at = time.perf_counter()
            said = self._get(address)
            taken = 1000 * (time.perf_counter() - started_at)
            self.times.setdefault(name, []).append(taken)
            if said != "200":
                self.wrong.append(f"{name}: {said}")

    def _get(self, address: str) -> str:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PAGE_SECONDS)
        try:
            line.request("GET", address, headers={"Cookie": self.cookie})
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as trouble:
            return type(trouble).__name__
        finally:
            line.close()
        return str(answer.status)

    def take(self) -> Times:
        """What was measured since the last time."""
        times, self.times = self.times, {}
        return times

    @contextmanager
    def asking(self) -> Iterator[None]:
        is_over = threading.Event()

        def keep_asking() -> None:
            while not is_over.is_set():
                next_at = time.monotonic() + 1.0
                self.ask()
                is_over.wait(max(0.0, next_at - time.monotonic()))

        thread = threading.Thread(target=keep_asking)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()


@contextmanager
def web(occurrence: Any) -> Iterator[Visitor]:
    """One web process with two threads, and its visitor."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    project = occurrence.project
    client = Client()
    client.force_login(project.stakeholders.get(user__isnull=False).user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    addresses = {
        "project home": reverse("dashboards:project_home", args=[project.slug]),
        "communications": reverse("communications:message_list", args=[project.slug]),
        "sending": reverse("communications:occurrence_detail", args=[project.slug, occurrence.pk]),
        "ledger": reverse("communications:delivery_list", args=[project.slug, occurrence.pk]),
    }
    port = free_port()
    command = [
        *[sys.executable, "-m", "gunicorn", "upgrade_tracker.wsgi:application"],
        *["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "2"],
        *["--timeout", str(PAGE_SECONDS), "--no-control-socket"],
    ]
    with started(command, {"DEVELOPMENT": "1"}):
        visitor = Visitor(port, addresses, f"{settings.SESSION_COOKIE_NAME}={key}")
        warm_up(visitor)
        yield visitor


def warm_up(visitor: Visitor) -> None:
    end = time.monotonic() + PAGE_SECONDS
    while True:
        visitor.wrong.clear()
        visitor.ask()
        if not visitor.wrong:
            break
        if time.monotonic() > end:
            raise SystemExit(f"The web process did not answer: {visitor.wrong[0]}.")
        time.sleep(0.2)
    visitor.take()


def compare(calm: Times, busy: Times) -> dict[str, dict[str, float]]:
    """Milliseconds of each page, and by how much it was slower meanwhile."""
    return {
        name: {
            "calm_p95_ms": round(p95(calm[name])),
            "p95_ms": round(p95(times)),
            "worst_ms": round(max(times)),
            "p95_ratio": round(p95(times) / p95(calm[name]), 1),
            "asked": len(times),
        }
        for name, times in busy.items()
    }


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
