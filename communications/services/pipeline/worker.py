"""One worker: keeps house, claims, and lets its crew send; says what it did."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.utils.translation import gettext as _

from communications.mailer.breaker import Breaker
from communications.mailer.pool import Pool
from communications.queries.ledger import is_any_held
from communications.services.pipeline import clock, rates, sender
from communications.services.pipeline.books import AWAY, Books
from communications.services.pipeline.build import Draft
from communications.services.pipeline.claim import BATCH, Batch
from communications.services.pipeline.crew import Crew
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.journal import Journal
from communications.services.pipeline.pause import pause_by_itself
from communications.services.pipeline.sender import Standing
from communications.services.pipeline.switch import ensure_switch, is_on
from communications.services.pipeline.turns import Turn

log = structlog.get_logger(__name__)

# A batch that lasted longer is cut, so that what is urgent waits no longer than this.
LONG_SECONDS = 2.0
SHORT_SECONDS = 0.5
FIRST_BATCH = 32
# Between two batches of a long run: reap, plan, expand and finish that often.
HOUSE_SECONDS = 1.0
BUSY_HOUSE_SECONDS = 0.25
PATIENCE_SECONDS = 30.0
WAIT_SECONDS = 0.25
JUST_RAN_OUT = timedelta(seconds=2)


class Worker:
    """``totals`` counts what became of rows in this run, by their new state."""

    def __init__(
        self,
        *,
        lease_seconds: float,
        is_stopping: Callable[[], bool],
        breaker: Breaker,
        connections: int,
    ) -> None:
        self.totals: Counter[str] = Counter()
        self._books = Books(lease_seconds, is_stopping)
        self._journal = Journal(self._books.owner)
        self._is_stopping = is_stopping
        self._breaker = breaker
        self._connections = connections
        self._size = min(BATCH, FIRST_BATCH)
        self._claimed_at = self._next_house = self._next_ask = 0.0
        self._standing = Standing()
        self._is_short = False
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
        is_settled = False
        try:
            self._books.insist(ensure_switch, PATIENCE_SECONDS)
            self._ask(PATIENCE_SECONDS)
            self._connections = self._standing.lines(self._connections)
            self._books.insist(self._journal.open, PATIENCE_SECONDS)
            self._send(is_patient)
            is_settled = True
        finally:
            self._journal.close(is_settled=is_settled)
            self._books.close()
        return self.totals

    def _send(self, is_patient: bool) -> None:
        pool = Pool(sender.server(may_pipeline=self._standing.uses_pipelining), self._connections)
        crew = Crew(
            books=self._books,
            pool=pool,
            journal=self._journal,
            sender=sender.from_address(),
            weigh=self._weigh,
            claim_more=self._claim_more,
            is_over=self._is_over,
            is_stopping=self._is_stopping,
        )
        try:
            while not self._is_over() and (self._round(crew) or (is_patient and self._wait())):
                pass
        finally:
            pool.close()

    def _is_over(self) -> bool:
        return self._is_stopping() or time.monotonic() >= self._until

    def _round(self, crew: Crew) -> bool:
        """Keep house, then send until nothing more can be claimed; False where nothing moved."""
        if not self._books.insist(is_on, PATIENCE_SECONDS):
            return False
        is_moved = self._keep_house()
        batch = self._claim()
        if not batch.is_empty:
            crew.send(batch)
        elif self._is_short:
            time.sleep(WAIT_SECONDS)
        return is_moved or self._is_short or not batch.is_empty

    def _keep_house(self, patience: float = PATIENCE_SECONDS) -> bool:
        is_moved: bool = self._books.insist(keep_house, patience)
        wait = BUSY_HOUSE_SECONDS if is_moved else HOUSE_SECONDS
        self._next_house = time.monotonic() + wait
        return is_moved

    def _claim_more(self) -> Batch:
        """While the crew works: empty where it should finish what it has."""
        if self._is_over():
            return Batch.nothing()
        self._fit_size(time.monotonic() - self._claimed_at)
        try:
            if time.monotonic() >= self._next_house:
                self._keep_house(0.0)
            return self._claim(0.0)
        except AWAY:  # the crew has results to write, and waits for the database over them
            return Batch.nothing()

    def _claim(self, patience: float = PATIENCE_SECONDS) -> Batch:
        """At most as many as the sender's limits leave; what is too much is given back."""
        self._ask(patience)
        size, self._is_short = self._size, False
        if self._standing.held_until is not None:
            self._next_ask = 0.0
            return Batch.nothing()
        if self._standing.is_limited:
            given = self._books.insist(lambda: rates.take(self._size), patience)
            size, self._is_short = given.number, not (given.number or given.is_hour_over)
        if not size:
            return Batch.nothing()
        batch = self._books.insist(lambda: self._books.claim(size), patience)
        if self._standing.is_limited and len(batch.mails) < size:
            self._books.insist(lambda: rates.give_back(size - len(batch.mails)), patience)
        self.totals.update(decision.state for decision in batch.settled)
        self._claimed_at = time.monotonic()
        return batch

    def _ask(self, patience: float) -> None:
        """What the Sender row says; changes are felt within a moment."""
        if time.monotonic() >= self._next_ask:
            self._standing = self._books.insist(sender.standing, patience)
            self._next_ask = time.monotonic() + BUSY_HOUSE_SECONDS

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

    def _weigh(self, turn: Turn, draft: Draft) -> bool:
        """What one turn means for the server and the message; True ends the batch."""
        message = draft.claimed.occurrence.message_id
        self.totals[turn.outcome.state] += 1
        pause = turn.pause
        if turn.is_taken is not None and self._breaker.count(message, is_taken=turn.is_taken):
            pause = _("Too many of its mails were refused: %s") % (
                turn.outcome.text or turn.outcome.reason
            )
        if turn.hold:
            self._is_trusted, self._next_ask = False, 0.0
            fewer = max(1, self._connections // 2) if turn.is_too_much else None
            self._books.insist(lambda: sender.hold(turn.hold, fewer=fewer))
        elif turn.is_taken and not self._is_trusted:
            self._is_trusted = True
            self._books.insist(sender.trust_again)
        if pause:
            self._books.insist(lambda: pause_by_itself(message, pause))
        return bool(pause)

    def _fit_size(self, took: float) -> None:
        if took > LONG_SECONDS:
            self._size = max(self._connections, self._size // 2)
        elif took < SHORT_SECONDS:
            self._size = min(BATCH, self._size * 2)
