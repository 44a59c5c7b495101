"""One worker: lets its crew send what its supply brings; says what it did."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.utils.translation import gettext as _

from communications.mailer.breaker import Breaker
from communications.mailer.pool import Pool
from communications.queries.ledger import is_any_held
from communications.services.pipeline import clock, sender
from communications.services.pipeline.books import Books
from communications.services.pipeline.build import Draft
from communications.services.pipeline.crew import Crew
from communications.services.pipeline.journal import Journal
from communications.services.pipeline.pause import pause_by_itself
from communications.services.pipeline.supply import PATIENCE_SECONDS, Supply
from communications.services.pipeline.switch import ensure_switch, is_on
from communications.services.pipeline.turns import Turn

log = structlog.get_logger(__name__)

WAIT_SECONDS = 0.25
JUST_RAN_OUT = timedelta(seconds=2)


class Worker:
    """What becomes of rows in a run is counted by their new state."""

    def __init__(
        self,
        *,
        lease_seconds: float,
        is_stopping: Callable[[], bool],
        breaker: Breaker,
        connections: int,
    ) -> None:
        self._totals: Counter[str] = Counter()
        self._books = Books(lease_seconds, is_stopping)
        self._journal = Journal(self._books.owner)
        self._is_stopping = is_stopping
        self._breaker = breaker
        self._connections = connections
        self._supply = Supply(self._books, connections, is_stopping)
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
            self._supply.ask(PATIENCE_SECONDS)
            self._connections = self._supply.standing.lines(self._connections)
            self._books.insist(self._journal.open, PATIENCE_SECONDS)
            self._send(is_patient)
            is_settled = True
        finally:
            self._supply.close()
            self._journal.close(is_settled=is_settled)
            self._books.close()
        return self._totals + self._supply.settled

    def _send(self, is_patient: bool) -> None:
        may_pipeline = self._supply.standing.uses_pipelining
        pool = Pool(sender.server(may_pipeline=may_pipeline), self._connections)
        crew = Crew(
            books=self._books,
            pool=pool,
            journal=self._journal,
            sender=sender.from_address(),
            weigh=self._weigh,
            supply=self._supply,
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
        """Send until nothing more can be claimed; False where nothing moved."""
        if not self._books.insist(is_on, PATIENCE_SECONDS):
            return False
        load = self._supply.next()
        if load.drafts:
            crew.send(load.drafts)
        elif self._supply.is_short:
            time.sleep(WAIT_SECONDS)
        return load.is_moved or self._supply.is_short

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
        self._totals[turn.outcome.state] += 1
        pause = turn.pause
        if turn.is_taken is not None and self._breaker.count(message, is_taken=turn.is_taken):
            pause = _("Too many of its mails were refused: %s") % (
                turn.outcome.text or turn.outcome.reason
            )
        if turn.hold:
            self._is_trusted = False
            fewer = max(1, self._connections // 2) if turn.is_too_much else None
            self._books.insist(lambda: sender.hold(turn.hold, fewer=fewer))
            self._supply.ask_again()
        elif turn.is_taken and not self._is_trusted:
            self._is_trusted = True
            self._books.insist(sender.trust_again)
        if pause:
            self._books.insist(lambda: pause_by_itself(message, pause))
        return bool(pause)
