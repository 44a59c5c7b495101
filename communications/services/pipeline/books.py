"""One worker's writes. They outlast a database that is away: what is known is kept and tried again.

While it insists the worker sends nothing, because it is waiting here.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import uuid4

import structlog
from django.db import InterfaceError, InternalError, OperationalError, connection

from communications.services.pipeline import results
from communications.services.pipeline.claim import Batch, Claimed, claim
from communications.services.pipeline.mark import mark
from communications.services.pipeline.results import Outcome

log = structlog.get_logger(__name__)
T = TypeVar("T")

# Away, restarting, full, read-only: not ours to mend, but to wait for.
AWAY = (OperationalError, InterfaceError, InternalError)
PAUSE_SECONDS = 0.5


class Books:
    """``owner`` names this worker's start in every row it holds."""

    def __init__(self, lease_seconds: int, is_stopping: Callable[[], bool]) -> None:
        self.owner = uuid4()
        self.lease_seconds = lease_seconds
        self._is_stopping = is_stopping

    def claim(self, size: int) -> Batch:
        return claim(self.owner, size, self.lease_seconds)

    def step(self, *, done: Outcome | None, begin: int | None) -> bool:
        return self.insist(
            lambda: results.step(self.owner, self.lease_seconds, done=done, begin=begin)
        )

    def mark(self, mail: Claimed, revision: int) -> bool:
        """False as well where the database broke off, or answered so late that another worker
        may think us dead: then nothing may be handed over, whatever was written.
        """
        before = _awake()
        try:
            is_marked = mark(mail, revision, self.owner, self.lease_seconds)
        except AWAY as error:
            self._note(error)
            return False
        return is_marked and _awake() - before < self.lease_seconds / 2

    def release(self, ids: Sequence[int]) -> None:
        if ids:
            self.insist(lambda: results.release(self.owner, ids))

    def lengthen(self, pk: int) -> None:
        """Once only: the next second asks again."""
        try:
            results.lengthen(self.owner, pk, self.lease_seconds)
        except AWAY as error:
            self._note(error)

    def insist(self, write: Callable[[], T], seconds: float | None = None) -> T:
        """Until it is written; after ``seconds``, or 10 s in a stop, the error is the caller's."""
        start, is_noted = time.monotonic(), False
        while True:
            try:
                return write()
            except AWAY as error:
                self._note(error, is_noted=is_noted)
                is_noted = True
                limit = 10.0 if self._is_stopping() else seconds
                if limit is not None and time.monotonic() - start >= limit:
                    raise
                time.sleep(PAUSE_SECONDS)

    def _note(self, error: Exception, *, is_noted: bool = False) -> None:
        """One line for each absence, however often we knock."""
        if not is_noted:
            log.warning("database_away", error=type(error).__name__)
        connection.close()


def _awake() -> float:
    """Seconds that count on while the process or the machine is stopped."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
