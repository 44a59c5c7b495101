"""One worker: one connection, one mail at a time, in the order that keeps the promise.

claim -> build -> offer all but the dot -> mark -> dot -> result. It may die anywhere; what it held
is found by `reap`.
"""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.utils.translation import gettext as _

from communications.mailer.breaker import Breaker
from communications.queries.ledger import is_any_held
from communications.services.pipeline import clock, sender
from communications.services.pipeline.books import Books
from communications.services.pipeline.build import Draft, drafts
from communications.services.pipeline.claim import BATCH, Batch
from communications.services.pipeline.handover import Handover, Turn
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.pause import pause_by_itself
from communications.services.pipeline.results import Outcome
from communications.services.pipeline.switch import ensure_switch, is_on

log = structlog.get_logger(__name__)

# A batch that took longer is cut, so that what is urgent waits no longer than this.
LONG_SECONDS = 4.0
SHORT_SECONDS = 1.0
PATIENCE_SECONDS = 30.0
WAIT_SECONDS = 0.25
JUST_RAN_OUT = timedelta(seconds=2)


class Worker:
    """``totals`` counts what became of rows in this run, by their new state."""

    def __init__(
        self, *, lease_seconds: int, is_stopping: Callable[[], bool], breaker: Breaker
    ) -> None:
        self.totals: Counter[str] = Counter()
        self._books = Books(lease_seconds, is_stopping)
        self._handover = Handover(self._books, is_stopping)
        self._is_stopping = is_stopping
        self._breaker = breaker
        self._size = BATCH
        self._is_trusted = self._is_waiting = False
        self._until = float("inf")

    def run(self, seconds: float | None = None, *, is_patient: bool = False) -> Counter[str]:
        """Until nothing is due, a stop is asked for, or ``seconds`` have passed.

        ``is_patient`` waits for rows that other workers hold: they send them, or their lease
        runs out and we do. Raises django.db.OperationalError after 30 s without a database, with
        nothing in hand.
        """
        if seconds is not None:
            self._until = time.monotonic() + seconds
        try:
            self._books.insist(ensure_switch, PATIENCE_SECONDS)
            while not self._is_over() and (self._round() or (is_patient and self._wait())):
                pass
        finally:
            self._handover.hang_up()
        return self.totals

    def _is_over(self) -> bool:
        return self._is_stopping() or time.monotonic() >= self._until

    def _round(self) -> bool:
        """Keep house, then send one batch; False where nothing moved."""
        if not self._books.insist(is_on, PATIENCE_SECONDS):
            return False
        is_moved = self._books.insist(keep_house, PATIENCE_SECONDS)
        if self._books.insist(sender.held_until, PATIENCE_SECONDS) is not None:
            return is_moved
        batch = self._books.insist(lambda: self._books.claim(self._size), PATIENCE_SECONDS)
        self.totals.update(str(decision.state) for decision in batch.settled)
        start = time.monotonic()
        self._send(batch)
        self._fit_size(time.monotonic() - start)
        return is_moved or not batch.is_empty

    def _wait(self) -> bool:
        """A moment, if another worker holds rows; False where none does."""
        since = self._books.insist(clock.database_now, PATIENCE_SECONDS) - JUST_RAN_OUT
        if not self._books.insist(lambda: is_any_held(since), PATIENCE_SECONDS):
            return False
        if not self._is_waiting:
            log.info("waiting_for_rows_other_workers_hold")
            self._is_waiting = True
        time.sleep(WAIT_SECONDS)
        return True

    def _send(self, batch: Batch) -> None:
        """Each mail in turn; the result of one and the beginning of the next share a commit."""
        left = [mail.pk for mail in batch.mails]
        done: Outcome | None = None
        for draft in drafts(batch):
            if self._is_over():
                break
            pk = left.pop(0)
            is_begun = self._books.step(done=done, begin=pk)
            done = None
            if not is_begun:
                continue
            turn = self._handover.send(draft, batch)
            done = turn.outcome
            if self._weigh(turn, draft):
                break
        if done is not None:
            self._books.step(done=done, begin=None)
        self._books.release(left)

    def _weigh(self, turn: Turn, draft: Draft) -> bool:
        """What one turn means for the server and the message; True ends the batch."""
        message = draft.claimed.occurrence.message_id
        self.totals[str(turn.outcome.state)] += 1
        pause = turn.pause
        if turn.is_taken is not None and self._breaker.count(message, is_taken=turn.is_taken):
            pause = _("Too many of its mails were refused: %s") % (
                turn.outcome.text or turn.outcome.reason
            )
        if turn.hold:
            self._is_trusted = False
            self._books.insist(lambda: sender.hold(turn.hold))
        elif turn.is_taken and not self._is_trusted:
            self._is_trusted = True
            self._books.insist(sender.trust_again)
        if pause:
            self._books.insist(lambda: pause_by_itself(message, pause))
        return turn.ends_batch or bool(pause)

    def _fit_size(self, took: float) -> None:
        if took > LONG_SECONDS:
            self._size = max(1, self._size // 2)
        elif took < SHORT_SECONDS:
            self._size = min(BATCH, self._size * 2)
