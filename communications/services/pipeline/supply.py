"""What a worker sends next: keeps house, claims and prepares, beside the crew that sends.

A claim asks the database a dozen questions. On a thread and a connection of its own the crew need
not wait for the answers; it takes what was brought.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from django.db import connection, connections

from communications.services.pipeline import leases, rates, sender
from communications.services.pipeline.books import Books
from communications.services.pipeline.build import Draft, Drafts
from communications.services.pipeline.claim import BATCH, Batch
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.patience import AWAY, Patience
from communications.services.pipeline.sender import Standing

# A batch that lasted longer is cut, so that what is urgent waits no longer than this.
LONG_SECONDS = 2.0
SHORT_SECONDS = 0.5
FIRST_BATCH = 32
# Between two batches of a long run: reap, plan, expand and finish that often.
HOUSE_SECONDS = 1.0
BUSY_HOUSE_SECONDS = 0.25
PATIENCE_SECONDS = 30.0


class Load(NamedTuple):
    """Rows claimed and prepared. ``is_moved``: rows were settled, or something in the house."""

    drafts: list[Draft]
    is_moved: bool


NOTHING = Load([], is_moved=False)


class Supply:
    """``settled`` counts the rows that a claim ended without sending, by their new state.

    ``standing`` is what the Sender row said last, ``is_short`` that its limits left nothing.
    """

    def __init__(self, books: Books, connections: int, is_stopping: Callable[[], bool]) -> None:
        self.settled: Counter[str] = Counter()
        self.standing = Standing()
        self.is_short = False
        self._books, self._connections = books, connections
        self._patience = Patience(is_stopping)
        self._drafts = Drafts()
        self._size = min(BATCH, FIRST_BATCH)
        self._claimed_at = self._next_house = self._next_ask = 0.0
        self._beside = ThreadPoolExecutor(1)
        self._coming: Future[Load] | None = None

    @property
    def is_coming(self) -> bool:
        """Something is being fetched: `more` brings it in a moment."""
        return self._coming is not None

    def wants(self, waiting: int) -> bool:
        """Whether it is time to fetch more; half of the last ones last until they are here."""
        return waiting < max(self._connections, self._size // 2)

    def next(self) -> Load:
        """What was being fetched, or what there is to do now. OperationalError after 30 s."""
        if self._coming is not None:
            load = self._taken(self._coming)
            if load.drafts:
                return load
        is_moved = self._keep_house(PATIENCE_SECONDS)
        load = self._claim(PATIENCE_SECONDS)
        return Load(load.drafts, is_moved or load.is_moved)

    def more(self) -> Load | None:
        """None until it was fetched. In somebody's transaction it is claimed there."""
        if self._coming is None:
            self._fit_size(time.monotonic() - self._claimed_at)
            if connection.in_atomic_block:
                return self._fetched()
            self._coming = self._beside.submit(self._fetched)
        return self._taken(self._coming) if self._coming.done() else None

    def ask(self, patience: float = PATIENCE_SECONDS) -> None:
        """What the Sender row says; changes are felt within a moment."""
        if time.monotonic() >= self._next_ask:
            self.standing = self._patience.insist(sender.standing, patience)
            self._next_ask = time.monotonic() + BUSY_HOUSE_SECONDS

    def ask_again(self) -> None:
        """Somebody wrote into the Sender row."""
        self._next_ask = 0.0

    def close(self) -> None:
        """What nobody took goes back; raises nothing: a lease ends by itself."""
        if self._coming is not None:
            with contextlib.suppress(*AWAY):
                self._release([draft.pk for draft in self._taken(self._coming).drafts])
        self._beside.submit(connections.close_all)
        self._beside.shutdown()

    def _taken(self, coming: Future[Load]) -> Load:
        self._coming = None
        return coming.result()

    def _fetched(self) -> Load:
        """Nothing where the database is away: the crew has results to write, and waits for it."""
        try:
            if time.monotonic() >= self._next_house:
                self._keep_house(0.0)
            return self._claim(0.0)
        except AWAY:
            return NOTHING

    def _keep_house(self, patience: float) -> bool:
        is_moved = self._patience.insist(keep_house, patience)
        wait = BUSY_HOUSE_SECONDS if is_moved else HOUSE_SECONDS
        self._next_house = time.monotonic() + wait
        return is_moved

    def _claim(self, patience: float) -> Load:
        """At most as many as the sender's limits leave; what is too much is given back."""
        self.ask(patience)
        insist = self._patience.insist
        size, self.is_short = self._size, False
        if self.standing.held_until is not None:
            self._next_ask = 0.0
            return NOTHING
        if self.standing.is_limited:
            given = insist(lambda: rates.take(self._size), patience)
            size, self.is_short = given.number, not (given.number or given.is_hour_over)
        if not size:
            return NOTHING
        batch = insist(lambda: self._books.claim(size), patience)
        if self.standing.is_limited and len(batch.mails) < size:
            insist(lambda: rates.give_back(size - len(batch.mails)), patience)
        self.settled.update(decision.state for decision in batch.settled)
        self._claimed_at = time.monotonic()
        return Load(self._prepared(batch), is_moved=not batch.is_empty)

    def _prepared(self, batch: Batch) -> list[Draft]:
        """What cannot be prepared, for the database broke off, goes back."""
        try:
            return self._drafts.of(batch)
        except AWAY:
            self._release([mail.pk for mail in batch.mails])
            return []

    def _release(self, ids: Sequence[int]) -> None:
        if ids:
            self._patience.insist(lambda: leases.release(self._books.owner, ids))

    def _fit_size(self, took: float) -> None:
        if took > LONG_SECONDS:
            self._size = max(self._connections, self._size // 2)
        elif took < SHORT_SECONDS:
            self._size = min(BATCH, self._size * 2)
