"""One statement writes what became of mails, marks those at their dot and begins the next ones.

Only what was marked gets its final dot. The statement looks at everything that can make a mail
unwanted, and the lock on the row orders it and `outbox.withdraw`: nothing is marked after the
commit that made it unwanted. Only rows this worker still holds are written: a late truth beats
the reaper, but never a decision that a person took meanwhile.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection, transaction

from common.arrays import array
from communications.enums import DeliveryState
from communications.mailer import crash
from communications.services.pipeline import clock
from communications.services.pipeline.statement import IDENTITY, WRITE, WRITE_AND_BEGIN
from communications.services.pipeline.wire import Here, Meanwhile, Wire

# Before the dot a row is claimed; after it sending, or uncertain when the reaper was faster.
BEFORE_THE_DOT = (DeliveryState.CLAIMED,)
AFTER_THE_DOT = (DeliveryState.SENDING, DeliveryState.UNCERTAIN)


class Outcome(NamedTuple):
    """What became of one row. ``wait`` delays a queued one; ``is_tried`` counts an attempt."""

    pk: int
    state: DeliveryState
    held_as: tuple[DeliveryState, ...]
    reason: str = ""
    code: int | None = None
    text: str = ""
    wait: timedelta = timedelta(0)
    is_tried: bool = False


class Mark(NamedTuple):
    """A row at its dot: which text and values were offered, and to which address (its key).

    ``language`` is the tag of a variant, empty for the message's own text.
    """

    pk: int
    occurrence: int
    revision: int
    address_key: str
    version: int = 0
    language: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """``unsettled``: results not written yet, for somebody else has their rows just now."""

    marked: frozenset[int]
    begun: frozenset[int]
    unsettled: tuple[Outcome, ...] = ()


STATEMENTS = (WRITE, WRITE_AND_BEGIN)
REPLAN_SECONDS = 5.0
# A mark that a crash of the database takes back would let the mail go out a second time.
_DURABLE = """
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'
"""
_ROW = "SELECT FROM communications_delivery WHERE id = %s FOR NO KEY UPDATE"
_MEMBERSHIP = """
    SELECT FROM communications_delivery d
    JOIN communications_occurrence o ON o.id = d.occurrence_id
    JOIN cohorts_membership m
        ON m.cohort_id = o.cohort_id AND m.participant_id = d.participant_id
    WHERE d.id = %s FOR NO KEY UPDATE OF m
"""


class Step:
    """The statement, prepared where it runs under a name of its own, with begins and without.

    In PostgreSQL's automatic mode each execution would be planned anew. A plan made while the
    table was small must not live for long, so it is made again every few seconds.
    """

    def __init__(
        self, owner: UUID, lease_seconds: float, runs_on: Here | Wire | None = None
    ) -> None:
        self.name = uuid4().hex
        self._owner = owner
        self._lease = clock.seconds(lease_seconds)
        self._runs_on = runs_on or Here()
        self._prepared_on: object = None
        self._prepared_at = 0.0
        self._identity: tuple[str, int] = ("", 0)

    def write(
        self,
        *,
        results: Sequence[Outcome] = (),
        marks: Sequence[Mark] = (),
        begins: Sequence[int] = (),
        in_hand: Sequence[int] = (),
        meanwhile: Meanwhile | None = None,
    ) -> Written:
        """``in_hand`` are the rows begun and not concluded when this is written, ``begins`` too.

        After a database error nobody knows whether it was written: then send no dot."""
        if begins:
            crash.point("before-begin")
        if marks:
            crash.point("before-mark")
        if results:
            crash.point("before-result")
        self._prepare()
        values = self.values(results, marks)
        if begins:
            values += [array(begins), array(in_hand)]
        statement = WRITE_AND_BEGIN if begins else WRITE
        locked, marked, *begun = self._runs_on.ask(statement.execute(self.name), values, meanwhile)
        if results:
            crash.point("after-result")
        if marks:
            crash.point("after-mark")
        if begins:
            crash.point("after-begin")
        seen = set(locked)
        unsettled = tuple(result for result in results if result.pk not in seen)
        return Written(frozenset(marked), frozenset(*begun), unsettled)

    def settle(self, result: Outcome) -> None:
        """Write one result, and wait for whoever has its row or the membership that it tells.

        Only where the statement runs on Django's connection.
        """
        with transaction.atomic():
            with connection.cursor() as cursor:
                for wait_for in (_MEMBERSHIP, _ROW, _MEMBERSHIP):  # it may be another one by then
                    cursor.execute(wait_for, [result.pk])
            self.write(results=[result])
            crash.point("before-settle")
        crash.point("after-settle")

    def close(self) -> None:
        """Leave the connection as it was found."""
        if self._prepared_on is not None and self._prepared_on is self._runs_on.place:
            self._runs_on.ask(f"{self._forget()}; RESET plan_cache_mode; RESET synchronous_commit")
        self.drop()

    def drop(self) -> None:
        """Where it ran is lost."""
        self._prepared_on = None
        self._runs_on.close()

    def _prepare(self) -> None:
        ask = self._runs_on.ask
        is_here = self._prepared_on is not None and self._prepared_on is self._runs_on.place
        if is_here and time.monotonic() - self._prepared_at < REPLAN_SECONDS:
            return
        if is_here:
            ask(self._forget())
        self._prepared_on = None
        for statement in STATEMENTS:
            ask(statement.prepare(self.name))
        ask(_DURABLE)
        system, database = ask(IDENTITY)
        self._identity = (system, database)
        # The first execution, which does nothing, makes the plan that the others share.
        ask("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")
        ask(WRITE.execute(self.name), self.values())
        ask(WRITE_AND_BEGIN.execute(self.name), [*self.values(), "{}", "{}"])
        ask("RESET enable_seqscan")
        self._prepared_on, self._prepared_at = self._runs_on.place, time.monotonic()

    def _forget(self) -> str:
        return "; ".join(statement.forget(self.name) for statement in STATEMENTS)

    def values(self, results: Sequence[Outcome] = (), marks: Sequence[Mark] = ()) -> list[Any]:
        """What the places of WRITE stand for."""
        return [
            str(self._owner),
            clock.ahead(),
            self._lease,
            array([*(r.pk for r in results), *(m.pk for m in marks)]),
            *_lists(7, map(_of_result, results)),
            *_lists(5, map(_of_mark, marks)),
            *self._identity,
            len(results),
        ]


def _lists(number: int, rows: Iterable[tuple[Any, ...]]) -> Iterable[str]:
    """The rows' columns, as many as that even where there is no row."""
    return map(array, list(zip(*rows, strict=True)) or [()] * number)


def _of_result(r: Outcome) -> tuple[Any, ...]:
    held, wait = " ".join(r.held_as), r.wait.total_seconds()
    return r.state.value, held, r.reason, r.code, r.text, wait, int(r.is_tried)


def _of_mark(m: Mark) -> tuple[Any, ...]:
    return m.revision, m.language, m.occurrence, m.version, m.address_key
