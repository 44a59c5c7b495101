"""Ctrl-C, SIGTERM and a closed terminal all mean the same: stop in order."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def listen() -> None:
    for number in STOPS:
        signal.signal(number, stop)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """A second Ctrl-C does not tear the stopping apart; every wait in it has an end."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
