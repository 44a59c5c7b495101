"""What connections say, and what it means for the rows on them. Writes no row.

What is heard while the database works waits: to weigh it may take the database as well.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from communications.mailer.line import Answered, Broken, Declined, Line
from communications.mailer.pool import News, Pool
from communications.mailer.server import ConnectionTrouble, Refused
from communications.services.pipeline import turns
from communications.services.pipeline.books import Books
from communications.services.pipeline.build import Draft
from communications.services.pipeline.journal import Journal
from communications.services.pipeline.step import Outcome
from communications.services.pipeline.stock import Stock
from communications.services.pipeline.turns import Turn


class NotBuilt(NamedTuple):
    """A mail that cannot be: its row says why."""

    pk: int
    why: str


class Hearing:
    """``done`` is what became of rows and is not written yet, ``marking`` what is being marked.

    Once ``is_ending`` no mail begins any more, and what is on a connection goes on.
    """

    def __init__(
        self,
        *,
        books: Books,
        pool: Pool,
        journal: Journal,
        stock: Stock,
        weigh: Callable[[Turn, Draft], bool],
    ) -> None:
        self._books, self._pool, self._journal = books, pool, journal
        self._stock, self._weigh = stock, weigh
        self._unheard: list[News | NotBuilt] = []
        self.done: list[Outcome] = []
        self.done_since = 0.0
        self.marking: frozenset[int] = frozenset()
        self.is_ending = False

    def hear(self, news: Sequence[News | NotBuilt]) -> None:
        codes = [(one.letter.key, one.reply.code) for one in news if isinstance(one, Answered)]
        if codes:
            self._journal.answers(codes)
        for one in news:
            if isinstance(one, Answered):
                draft = self._stock.begun[one.letter.key]
                self._conclude(turns.answered(one, draft.claimed, draft.at), draft)
            elif isinstance(one, Declined):
                self._on_declined(one)
            elif isinstance(one, Broken):
                self._on_broken(one)
            elif isinstance(one, NotBuilt):
                draft = self._stock.begun[one.pk]
                self._conclude(turns.not_built(one.why, draft.claimed), draft)
            else:
                self._on_not_opened(one)

    def hear_later(self, news: Iterable[News | NotBuilt]) -> None:
        self._unheard += news

    def catch_up(self) -> None:
        unheard, self._unheard = self._unheard, []
        self.hear(unheard)

    def take_back(self, line: Line) -> None:
        """What it offers gets no dot."""
        draft = self.draft_on(line)
        self._pool.abandon(line)
        self._conclude(turns.not_handed_over(draft.claimed), draft)

    def draft_on(self, line: Line) -> Draft:
        if line.offered is None:
            raise ValueError("nothing is offered on this line")
        return self._stock.begun[line.offered.key]

    def end(self) -> None:
        """Begin no more; what is on a connection goes on."""
        self.is_ending = True
        self._books.release(self._stock.take_unsent())

    def _on_declined(self, event: Declined) -> None:
        draft = self._stock.begun[event.letter.key]
        if draft.pk in self.marking:
            self._conclude(turns.not_handed_over(draft.claimed), draft)
        else:
            self._conclude(turns.declined(event, draft.claimed, draft.at), draft)

    def _on_broken(self, event: Broken) -> None:
        if event.handed is not None:
            draft = self._stock.begun[event.handed.key]
            self._conclude(turns.unknown(event.why, draft.claimed), draft)
        if event.offered is None:
            return
        draft = self._stock.begun[event.offered.key]
        if draft.pk in self.marking:  # perhaps it is marked; its dot never left
            self._conclude(turns.not_handed_over(draft.claimed), draft)
            return
        if not event.is_fresh and not draft.is_second_try and not self.is_ending:
            # Servers end a used connection at will: once more, on another one.
            draft.is_second_try = True
            self._stock.ready.appendleft(event.offered)
            return
        turn = turns.broken(event.why, draft.claimed, draft.at, was_offered=True)
        self._conclude(turn, draft)

    def _on_not_opened(self, error: Refused | ConnectionTrouble) -> None:
        """Told to the mail that would have been first; the others need not know.

        A server that serves us on some connections and refuses one more has enough of them.
        """
        if self._pool.lines:
            self._pool.size = len(self._pool.lines)
            return
        if self.is_ending or not self._stock.unsent:
            return
        draft = self._stock.take_first()
        if isinstance(error, Refused):
            turn = turns.refused(error, draft.claimed, draft.at)
        else:
            turn = turns.broken(str(error), draft.claimed, draft.at, was_offered=False)
        self._conclude(turn, draft)

    def _conclude(self, turn: Turn, draft: Draft) -> None:
        self._stock.conclude(draft.pk)
        if not self.done:
            self.done_since = time.monotonic()
        self.done.append(turn.outcome)
        if self._weigh(turn, draft) or (turn.ends_batch and not self.is_ending):
            self.end()
