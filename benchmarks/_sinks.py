"""Mail servers to send to: Postfix's `smtp-sink`, near or behind a line with latency."""

import heapq
import multiprocessing
import os
import random
import re
import selectors
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from upgrade_tracker.launch.ports import free_port

NAME = "smtp-sink"
MISSING = (
    "smtp-sink is not on this machine, so sending was not measured. "
    "Install Debian's package postfix and run this again."
)
NUMBER = re.compile(rb"(?im)^Message-ID: (<.+@.+>)")
# Seconds that pass before each word of the server arrives.
LATENCIES: dict[str, Callable[[random.Random], float]] = {
    "fast": lambda chance: 0.0,
    "constant_5_ms": lambda chance: 0.005,
    "uneven": lambda chance: 0.05 if chance.random() < 0.05 else chance.uniform(0.001, 0.005),
}


@dataclass
class Sink:
    """Where it listens, and the file of all it took; None where nobody keeps one for us."""

    host: str
    port: int
    mails: Path | None

    def numbers(self) -> Counter[bytes] | None:
        """How often each Message-ID was taken."""
        return None if self.mails is None else Counter(NUMBER.findall(self.mails.read_bytes()))


def find_sink() -> str | None:
    return shutil.which(NAME, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def smtp_sink(outside: str, *, is_kept: bool = True) -> Iterator[Sink]:
    """A running sink: ours, or the one at ``outside`` (HOST:PORT). ``is_kept``: on disk."""
    if outside:
        host, _colon, port = outside.rpartition(":")
        yield Sink(host, int(port), None)
        return
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        kept = ["-D", f"{name}/mails"] if is_kept else []
        command = [str(find_sink()), *kept, f"127.0.0.1:{port}", "1000"]
        if os.getuid() == 0:
            command[1:1] = ["-u", "nobody"]
        process = subprocess.Popen(command, cwd=folder)
        try:
            wait_for(port)
            yield Sink("127.0.0.1", port, folder / "mails" if is_kept else None)
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
    raise SystemExit("The mail server for the benchmark did not start.")


@contextmanager
def behind(sink: Sink, latency: str) -> Iterator[tuple[str, int]]:
    """The sink's address, or that of a line before it on which each answer takes its time."""
    if latency == "fast":
        yield sink.host, sink.port
        return
    port = free_port()
    process = multiprocessing.get_context("fork").Process(
        target=_delay, args=(port, sink.host, sink.port, latency), daemon=True
    )
    process.start()
    try:
        wait_for(port)
        yield "127.0.0.1", port
    finally:
        process.kill()
        process.join()


@dataclass
class _Wire:
    """One direction of a connection."""

    source: socket.socket
    target: socket.socket
    is_delayed: bool
    last: float = field(default=0.0)  # words arrive in the order they were said


def _delay(port: int, host: str, sink_port: int, latency: str) -> None:
    """Forwards connections; what the server says is held back for a while."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    chance, late = random.Random(7), LATENCIES[latency]
    door = socket.create_server(("127.0.0.1", port), backlog=100)
    selector = selectors.DefaultSelector()
    selector.register(door, selectors.EVENT_READ)
    waiting: list[tuple[float, int, _Wire, bytes]] = []
    number = 0
    while True:
        wait = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for key, _mask in selector.select(wait):
            if key.fileobj is door:
                _welcome(door, host, sink_port, selector)
                continue
            wire: _Wire = key.data
            data = _read(wire.source)
            if not data:
                selector.unregister(wire.source)
            if wire.is_delayed:
                number += 1
                wire.last = max(wire.last, time.monotonic() + late(chance))
                heapq.heappush(waiting, (wire.last, number, wire, data))
            else:
                _pass_on(wire, data)
        while waiting and waiting[0][0] <= time.monotonic():
            _at, _number, wire, data = heapq.heappop(waiting)
            _pass_on(wire, data)


def _welcome(door: socket.socket, host: str, port: int, selector: selectors.BaseSelector) -> None:
    near, _address = door.accept()
    far = socket.create_connection((host, port))
    for source, target, is_delayed in ((near, far, False), (far, near, True)):
        source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(source, selectors.EVENT_READ, _Wire(source, target, is_delayed))


def _read(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""


def _pass_on(wire: _Wire, data: bytes) -> None:
    """An end of the stream is passed on as well."""
    try:
        if data:
            wire.target.sendall(data)
        else:
            wire.target.shutdown(socket.SHUT_WR)
    except OSError:
        wire.source.close()
