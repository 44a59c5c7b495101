"""Outlasting a database that is away, restarting, full or read-only: not ours to mend, but to
wait for.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import InterfaceError, InternalError, OperationalError, connection

log = structlog.get_logger(__name__)
T = TypeVar("T")

AWAY = (OperationalError, InterfaceError, InternalError)
PAUSE_SECONDS = 0.5
# Whoever is asked to stop waits no longer.
STOP_SECONDS = 10.0


class Patience:
    """Of one thread: what is lost with the database is this thread's connection to it."""

    def __init__(self, is_stopping: Callable[[], bool]) -> None:
        self._is_stopping = is_stopping

    def insist(self, write: Callable[[], T], seconds: float | None = None) -> T:
        """Until it is written; after ``seconds``, or 10 s in a stop, the error is the caller's."""
        start, is_noted = time.monotonic(), False
        while True:
            try:
                return write()
            except AWAY as error:
                self.note(error, is_noted=is_noted)
                is_noted = True
                limit = STOP_SECONDS if self._is_stopping() else seconds
                if limit is not None and time.monotonic() - start >= limit:
                    raise
                time.sleep(PAUSE_SECONDS)

    def note(self, error: Exception, *, is_noted: bool = False) -> None:
        """One line for each absence, however often we knock."""
        if not is_noted:
            log.warning("database_away", error=type(error).__name__)
        self.let_go()

    def let_go(self) -> None:
        """The next knock is on a new connection."""
        connection.close()
