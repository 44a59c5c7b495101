"""Lines on the terminal, at once, and a sign of life at least every five seconds."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

BEAT_SECONDS = 4.0


def say(line: str = "") -> None:
    """Standard error, so that what a command prints on standard output stays alone there."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Prints `what …`, then every few seconds that it still goes on."""
    say(f"{what} …")
    done = threading.Event()
    started = time.monotonic()

    def beat() -> None:
        while not done.wait(BEAT_SECONDS):
            say(f"  still at it: {what[0].lower()}{what[1:]} ({time.monotonic() - started:.0f} s)")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
