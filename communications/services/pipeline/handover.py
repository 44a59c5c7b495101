"""Hands one mail to the server: offer, mark, dot. Says what came of it; writes only the mark."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from communications.exceptions import RenderError
from communications.mailer.reply import Reply
from communications.mailer.smtp import Connection, ConnectionTrouble, Refused
from communications.mailer.verdict import Verdict, of_dot, of_refusal
from communications.mailer.wire import GivenUp
from communications.services.pipeline import outcomes, sender
from communications.services.pipeline.books import Books
from communications.services.pipeline.build import Draft
from communications.services.pipeline.claim import Batch, Claimed
from communications.services.pipeline.results import Outcome


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of a row, and what it means for the others.

    ``hold``: leave the server alone, and why. ``pause``: stop the message, and why. ``is_taken``
    is None where the answer says nothing about the message.
    """

    outcome: Outcome
    hold: str = ""
    pause: str = ""
    is_taken: bool | None = None
    ends_batch: bool = False


class Handover:
    """Keeps the one connection. ``is_stopping`` ends a wait before the mark, never one after it."""

    def __init__(self, books: Books, is_stopping: Callable[[], bool]) -> None:
        self._books = books
        self._is_stopping = is_stopping
        self._line: Connection | None = None
        self._current: tuple[int, bool] | None = None  # row, is it marked
        self._lengthened = 0.0

    def send(self, draft: Draft, batch: Batch) -> Turn:
        mail = draft.claimed
        try:
            raw = draft.build(batch)
        except RenderError as error:
            return Turn(outcomes.not_built(str(error), mail), is_taken=False)
        self._attend(mail.pk, is_marked=False)
        try:
            return self._converse(mail, raw, draft.skeleton.revision, batch)
        finally:
            self._current = None

    def hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _converse(self, mail: Claimed, raw: bytes, revision: int, batch: Batch) -> Turn:
        try:
            line = self._connected()
        except Refused as refusal:
            return _refused(refusal, mail, batch)
        except ConnectionTrouble as trouble:
            outcome = outcomes.of_trouble(str(trouble), mail, batch, was_offered=False)
            return Turn(outcome, hold=str(trouble), ends_batch=True)
        try:
            line = self._offer(line, mail, raw)
        except GivenUp:
            return Turn(outcomes.not_handed_over(mail), ends_batch=True)
        except Refused as refusal:
            return _refused(refusal, mail, batch)
        except ConnectionTrouble as trouble:
            outcome = outcomes.of_trouble(str(trouble), mail, batch, was_offered=True)
            return Turn(outcome, hold=str(trouble), ends_batch=True)
        if not self._books.mark(mail, revision):
            line.abandon()
            return Turn(outcomes.not_handed_over(mail), ends_batch=True)
        self._attend(mail.pk, is_marked=True)
        return _finish(line, mail, batch)

    def _connected(self) -> Connection:
        if self._line is not None and self._line.is_worn:
            self.hang_up()
        if self._line is None or not self._line.is_open:
            self._line = Connection(sender.server(), self._patience)
        return self._line

    def _offer(self, line: Connection, mail: Claimed, raw: bytes) -> Connection:
        """Once more on a fresh connection where a used one breaks: servers end them at will."""
        try:
            line.offer(sender.from_address(), mail.envelope, raw)
        except GivenUp:
            raise
        except ConnectionTrouble:
            if line.is_fresh:
                raise
            line = self._connected()
            line.offer(sender.from_address(), mail.envelope, raw)
        return line

    def _attend(self, pk: int, *, is_marked: bool) -> None:
        self._current = (pk, is_marked)
        self._lengthened = time.monotonic()

    def _patience(self) -> None:
        """Called about every second of waiting: keep the lease, notice a stop."""
        if self._current is None:
            return
        pk, is_marked = self._current
        if not is_marked and self._is_stopping():
            raise GivenUp("asked to stop")
        if time.monotonic() - self._lengthened > self._books.lease_seconds / 3:
            self._books.lengthen(pk)
            self._lengthened = time.monotonic()


def _refused(refusal: Refused, mail: Claimed, batch: Batch) -> Turn:
    verdict = of_refusal(refusal)
    outcome = outcomes.of_reply(verdict, refusal.reply, mail, batch, is_marked=False)
    return _turn(verdict, refusal.reply, outcome, str(refusal))


def _finish(line: Connection, mail: Claimed, batch: Batch) -> Turn:
    try:
        reply = line.dot()
    except ConnectionTrouble as trouble:
        return Turn(outcomes.unknown(str(trouble), mail), hold=str(trouble), ends_batch=True)
    verdict = of_dot(reply)
    if verdict is None:
        line.abandon()
        return Turn(outcomes.unknown(str(reply), mail), hold=str(reply), ends_batch=True)
    outcome = outcomes.of_reply(verdict, reply, mail, batch, is_marked=True)
    return _turn(verdict, reply, outcome, f"final dot: {reply}")


def _turn(verdict: Verdict, reply: Reply, outcome: Outcome, why: str) -> Turn:
    is_hold = verdict in (Verdict.HOLD, Verdict.WAIT)
    is_taken = {Verdict.TAKEN: True, Verdict.FAIL: False, Verdict.RETRY: False}.get(verdict)
    return Turn(
        outcome,
        hold=why if is_hold else "",
        pause=why if verdict is Verdict.PAUSE else "",
        is_taken=is_taken,
        ends_batch=is_hold or verdict is Verdict.PAUSE,
    )
