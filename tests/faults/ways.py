"""How a worker gets to each point of death that it does not pass on its usual way."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from django.conf import settings
from django.db import transaction

from communications.models import Delivery, Message, Sender
from tests.faults.processes import started

# Passed once in a run: whoever waits for the second time waits in vain.
ONCE = (
    "reap",
    "plan",
    "expand",
    "claim",
    "begin",
    "settle",
    "release",
    "lengthen",
    "hold",
    "pause",
    "finish",
)
SLOW_LEASE = 1


@dataclass(frozen=True, slots=True)
class Way:
    """``slow``: seconds the mail server takes for a dot; ``seconds``: how long the worker runs."""

    slow: float = 0.0
    seconds: float | None = None
    mails: int = 60


WAYS = {
    "settle": Way(slow=0.05, mails=120),
    "release": Way(slow=0.1, seconds=1.6, mails=200),
    "lengthen": Way(slow=0.9, mails=8),
}


def step_of(point: str) -> str:
    """ "before-mark" -> "mark"."""
    return point.partition("-")[2]


def way_to(point: str) -> Way:
    return WAYS.get(step_of(point), Way())


@contextmanager
def leading_to(point: str, *, dead_worker: Any) -> Iterator[None]:
    """The circumstances. ``dead_worker()`` makes one that held rows until its lease ran out."""
    with ExitStack() as stack:
        match step_of(point):
            case "reap":
                dead_worker()
            case "settle":
                stack.enter_context(others_with_our_rows())
            case "lengthen":
                stack.enter_context(set_to("SEND_LEASE_SECONDS", SLOW_LEASE))
            case "hold":
                stack.enter_context(server_that_says(b""))
            case "pause":
                stack.enter_context(server_that_says(b"554 nobody\r\n"))
        yield
    if step_of(point) in ("hold", "pause"):
        Sender.objects.update(hold_until=None)
        Message.objects.filter(status="paused").update(status="active")


@contextmanager
def others_with_our_rows() -> Iterator[None]:
    """Somebody looks at mails that are being sent, again and again, and keeps them for a moment."""
    is_over = get_context("fork").Event()

    def work() -> None:
        while not is_over.wait(0.002):
            with transaction.atomic():
                sending = Delivery.objects.filter(state="sending")
                list(sending.select_for_update(skip_locked=True).values_list("pk"))
                time.sleep(0.1)

    # No thread: a worker that is forked beside one may never get a lock that it held.
    process = started(work)
    try:
        yield
    finally:
        is_over.set()
        process.join()


@contextmanager
def server_that_says(words: bytes) -> Iterator[None]:
    """Whoever connects hears this and is hung up on; the product sends there meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_turn_away, args=(door, words), daemon=True).start()
        with set_to("EMAIL_PORT", door.getsockname()[1]):
            yield


def _turn_away(door: socket.socket, words: bytes) -> None:
    with contextlib.suppress(OSError):  # the door was closed
        while True:
            caller, _address = door.accept()
            with caller:
                caller.sendall(words)


@contextmanager
def set_to(name: str, value: Any) -> Iterator[None]:
    before = getattr(settings, name)
    setattr(settings, name, value)
    try:
        yield
    finally:
        setattr(settings, name, before)
