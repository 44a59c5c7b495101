"""One worker's writes. They outlast a database that is away: what is known is kept and tried again.

While it insists the worker sends nothing, because it is waiting here.
"""

import time
from collections.abc import Callable, Sequence
from uuid import uuid4

from django.db import connection

from communications.services.pipeline import leases
from communications.services.pipeline.claim import Batch, Memory, claim
from communications.services.pipeline.patience import AWAY, Patience
from communications.services.pipeline.step import Mark, Outcome, Step, Written
from communications.services.pipeline.wire import Here, Meanwhile, Wire


class Books(Patience):
    """``owner`` names this worker's start in every row it holds."""

    def __init__(self, lease_seconds: float, is_stopping: Callable[[], bool]) -> None:
        super().__init__(is_stopping)
        self.owner = uuid4()
        self.lease_seconds = lease_seconds
        self._memory = Memory()
        self._beside = Step(self.owner, lease_seconds, Wire())
        self._here = Step(self.owner, lease_seconds, Here())

    def claim(self, size: int) -> Batch:
        return claim(self.owner, size, self.lease_seconds, self._memory)

    def step(
        self,
        *,
        results: Sequence[Outcome] = (),
        marks: Sequence[Mark] = (),
        begins: Sequence[int] = (),
        in_hand: Sequence[int] = (),
        meanwhile: Meanwhile | None = None,
    ) -> Written | None:
        """None where the database broke off: nobody knows what was written, so send no dot.

        Marks that took so long that another worker may think us dead count as not made.
        """
        before = _awake()
        # In somebody's transaction it is written there.
        step = self._here if connection.in_atomic_block else self._beside
        try:
            written = step.write(
                results=results, marks=marks, begins=begins, in_hand=in_hand, meanwhile=meanwhile
            )
        except AWAY as error:
            self.note(error)
            return None
        if marks and _awake() - before >= self.lease_seconds / 2:
            return Written(frozenset(), written.begun, written.unsettled)
        return written

    def settle(self, results: Sequence[Outcome]) -> None:
        """Write results one by one until they are written. Doing it again changes nothing."""
        for result in results:
            self.insist(lambda result=result: self._here.settle(result))  # type: ignore[misc]

    def release(self, ids: Sequence[int]) -> None:
        if ids:
            self.insist(lambda: leases.release(self.owner, ids))

    def lengthen(self, ids: Sequence[int]) -> None:
        """Once only: the next look asks again."""
        try:
            leases.lengthen(self.owner, ids, self.lease_seconds)
        except AWAY as error:
            self.note(error)

    def close(self) -> None:
        try:
            leases.empty_hands(self.owner)
            self._beside.close()
            self._here.close()
        except AWAY as error:
            self.note(error)

    def let_go(self) -> None:
        self._beside.drop()
        super().let_go()


def _awake() -> float:
    """Seconds that count on while the process or the machine is stopped."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
