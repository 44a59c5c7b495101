"""Sends claimed rows over several connections at once, in the order that keeps the promise.

offer -> mark -> dot -> result. Whichever connections stand at their dot now are marked together,
by the statement that also writes the results waiting; it may die anywhere, `reap` finds the rows.
"""

import time
from collections.abc import Callable, Sequence

from communications.exceptions import RenderError
from communications.mailer.line import Line
from communications.mailer.pool import Pool
from communications.services.pipeline.books import Books
from communications.services.pipeline.build import Draft
from communications.services.pipeline.hearing import Hearing, NotBuilt
from communications.services.pipeline.journal import Journal
from communications.services.pipeline.step import Mark, Written
from communications.services.pipeline.stock import Stock
from communications.services.pipeline.supply import Supply
from communications.services.pipeline.turns import Turn

LOOK_SECONDS = 0.25
# Whoever is at a dot waits that long for others to be marked with.
GATHER_SECONDS = 0.001
# A result waits that long for marks to travel with.
RESULT_SECONDS = 0.02
# A connection more for so many mails: a handful does not need eight of them.
MAILS_WORTH_A_LINE = 4
# Mails are begun for so many rounds of all connections.
ROUNDS = 3
# In a stop: what is not at its dot by then goes back; whoever did not answer a dot is given up.
GRACE_SECONDS = 1.0
LAST_SECONDS = 7.0


class Crew:
    """``weigh`` hears each turn and says whether the batch ends; ``supply`` brings more rows."""

    def __init__(
        self,
        *,
        books: Books,
        pool: Pool,
        journal: Journal,
        sender: str,
        weigh: Callable[[Turn, Draft], bool],
        supply: Supply,
        is_over: Callable[[], bool],
        is_stopping: Callable[[], bool],
    ) -> None:
        self._books, self._pool, self._sender = books, pool, sender
        self._journal = journal
        self._supply = supply
        self._is_over, self._is_stopping = is_over, is_stopping
        self._stock = Stock()
        self._heard = Hearing(
            books=books, pool=pool, journal=journal, stock=self._stock, weigh=weigh
        )
        self._next_look = self._next_claim = self._gather_until = 0.0
        self._over_since: float | None = None

    def send(self, drafts: list[Draft]) -> None:
        """These and what the supply brings meanwhile, until every row has an outcome written."""
        self._heard.is_ending = False
        self._over_since = None
        self._stock.add(drafts)
        while not self._stock.is_empty or self._heard.done:
            self._turn()

    def _turn(self) -> None:
        standing = len(self._pool.at_dot())
        news = self._pool.listen(GATHER_SECONDS if standing else self._patience())
        self._heard.hear(news)
        at_dot = self._pool.at_dot()
        now = time.monotonic()
        if not standing:
            self._gather_until = now + GATHER_SECONDS
        # A statement costs more than a row, so it is worth a moment to have them all.
        are_more = news and len(at_dot) < len(self._pool.lines) and now < self._gather_until
        if not at_dot or not are_more:
            self._write(at_dot)
        self._restock(now)
        if now >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            self._look_after(now)

    def _patience(self) -> float:
        if self._stock.can_begin and self._is_idle() and not self._heard.is_ending:
            return 0.0
        if self._supply.is_coming and self._is_idle():
            return GATHER_SECONDS
        return RESULT_SECONDS if self._heard.done else LOOK_SECONDS

    # ---- what is written and handed over

    def _write(self, at_dot: list[Line]) -> None:
        begins: list[Draft] = []
        if at_dot or self._are_results_due() or self._is_idle():
            begins = self._next_begins(len(at_dot))
        if not (at_dot or begins or self._are_results_due()):
            self._put_to_work()
            return
        marks = [self._heard.draft_on(line).mark() for line in at_dot]
        self._heard.marking = frozenset(mark.pk for mark in marks)
        written = self._step(marks, [draft.pk for draft in begins])
        if written is None:
            self._on_unknown(at_dot, begins)
        else:
            self._hand_over(at_dot, written)
            self._begin(begins, written)
        self._heard.catch_up()
        self._heard.marking = frozenset()
        if written is not None:
            self._put_to_work()

    def _step(self, marks: list[Mark], begins: list[int]) -> Written | None:
        """None where the database broke off; then the results are still to be written."""
        self._journal.marks(mark.pk for mark in marks)
        results, self._heard.done = self._heard.done, []
        in_hand = [*self._stock.begun, *begins]
        written = self._books.step(
            results=results,
            marks=marks,
            begins=begins,
            in_hand=in_hand,
            meanwhile=self._while_it_writes,
        )
        if written is not None and written.unsettled:
            # Then nothing was marked, so that no connection has two mails of which nobody knows,
            # and that no time passes between a mark and its dot.
            self._books.settle(written.unsettled)
            results = []
            written = self._books.step(marks=marks, begins=begins, in_hand=in_hand)
        if written is None:
            self._heard.done = [*results, *self._heard.done]
        return written

    def _while_it_writes(self, number: int) -> None:
        """Build what is begun, and listen; what is heard is weighed later, for that may write."""
        self._build()
        self._heard.hear_later(self._pool.listen_beside(number))

    def _is_idle(self) -> bool:
        return not self._stock.ready and (not len(self._pool) or bool(self._pool.idle()))

    def _next_begins(self, leaving: int) -> list[Draft]:
        """Where not each connection would find a mail ready after ``leaving`` went out: enough for
        several rounds, for beginning takes the database as well."""
        prepared = len(self._stock.unbuilt) + len(self._stock.ready)
        if self._heard.is_ending or prepared >= self._pool.size + leaving:
            return []
        return self._stock.next_ones(ROUNDS * self._pool.size + leaving - prepared)

    def _are_results_due(self) -> bool:
        if not self._heard.done:
            return False
        is_late = time.monotonic() - self._heard.done_since >= RESULT_SECONDS
        return is_late or self._stock.is_empty

    def _hand_over(self, at_dot: Sequence[Line], written: Written) -> None:
        """The dots of what was marked; the others are taken back by closing their connections."""
        refused = []
        marked = written.marked if self._journal.dots(written.marked) else frozenset()
        for line in at_dot:
            if not line.is_at_dot:  # it broke off meanwhile
                continue
            draft = self._heard.draft_on(line)
            if draft.pk not in marked:
                refused.append(line)
                continue
            draft.kept_at = time.monotonic()
            ready = self._stock.ready
            is_next = ready and line.can_take_more and not self._heard.is_ending
            self._heard.hear(self._pool.dot(line, ready.popleft() if is_next else None))
        for line in refused:
            self._heard.take_back(line)

    def _on_unknown(self, at_dot: Sequence[Line], begins: Sequence[Draft]) -> None:
        """The database broke off: no dot. Insist on the results, which also waits for it."""
        self._stock.give_back(begins)
        for line in at_dot:
            if line.is_at_dot:
                self._heard.take_back(line)
        self._books.settle(self._heard.done)
        self._heard.done = []

    def _begin(self, begins: Sequence[Draft], written: Written) -> None:
        """What was not begun is ours no more."""
        mine = [draft for draft in begins if draft.pk in written.begun]
        if self._heard.is_ending:
            self._books.release([draft.pk for draft in mine])
        else:
            self._stock.begin(mine)

    def _build(self) -> None:
        unbuilt = self._stock.unbuilt
        while unbuilt:
            draft = unbuilt.popleft()
            try:
                self._stock.ready.append(draft.build(self._sender))
            except RenderError as error:
                self._heard.hear_later([NotBuilt(draft.pk, str(error))])

    def _put_to_work(self) -> None:
        """Idle connections get the next mails; more are opened where there are mails for them."""
        if self._heard.is_ending:
            return
        idle = self._pool.idle()
        if not self._stock.ready and (idle or not len(self._pool)):
            self._build()
            self._heard.catch_up()
        self._pool.hang_up(line for line in idle if not line.can_take_more)
        for line in idle:
            if self._stock.ready and line.can_take_more:
                self._heard.hear(self._pool.start(line, self._stock.ready.popleft()))
        mails = len(self._stock.waiting) + len(self._stock.begun)
        wanted = -(-mails // MAILS_WORTH_A_LINE)
        if self._stock.ready:
            for _line in range(min(wanted, self._pool.size) - len(self._pool)):
                self._pool.open_one()

    def _restock(self, now: float) -> None:
        is_low = self._supply.wants(len(self._stock.waiting))
        if self._heard.is_ending or self._is_over() or not is_low or now < self._next_claim:
            return
        load = self._supply.more()
        if load is None:
            return
        if not (load.drafts or load.is_moved):
            self._next_claim = now + LOOK_SECONDS
        self._stock.add(load.drafts)

    # ---- what time brings

    def _look_after(self, now: float) -> None:
        self._heard.hear(self._pool.expired(now))
        if self._is_over():
            if self._over_since is None:
                self._over_since = now
            if not self._heard.is_ending:
                self._heard.end()
            if self._is_stopping():
                self._give_up(now - self._over_since)
        old = self._books.lease_seconds / 3
        self._books.release(self._stock.take_old(old))
        late = self._stock.to_keep(old)
        if late:
            self._books.lengthen(late)

    def _give_up(self, since: float) -> None:
        """The process is asked to end: nothing may keep it for longer than ten seconds."""
        if since < GRACE_SECONDS:
            return
        for line in self._pool.lines:
            if line.handed is None and line.offered is not None:
                self._heard.take_back(line)
            elif line.handed is not None and since >= LAST_SECONDS:
                self._heard.hear(self._pool.expire(line))
