"""Takes queued rows for one worker under a lease, fairly between occurrences.

In the same transaction it looks each person up once more: where mail goes now, whether they still
belong to the audience, whether they may get mail. Who may not is settled here; nothing is sent.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from common.arrays import array
from communications import audiences
from communications.audiences import Recipient
from communications.enums import DeliveryState
from communications.mailer import crash
from communications.models import Occurrence
from communications.queries.audience import recipients_among
from communications.services.pipeline import clock
from communications.services.pipeline.claim_statements import PICK, WITH_WORK, WRITE
from communications.services.pipeline.decide import Claimed, Row, Settled, decide, load_rules

BATCH = 500
MEMORY_SECONDS = 1.0
WORK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Batch:
    """What one claim brought: mails to send, and how many rows it settled without sending."""

    at: datetime
    mails: tuple[Claimed, ...]
    settled: tuple[Settled, ...] = ()

    @classmethod
    def nothing(cls) -> "Batch":
        return cls(at=datetime.min.replace(tzinfo=UTC), mails=())

    @property
    def is_empty(self) -> bool:
        return not self.mails and not self.settled


class Memory:
    """What one worker may know for a moment instead of asking with each claim.

    A rehearsal looks at one ``project`` alone.
    """

    def __init__(self, project: int | None = None) -> None:
        self.project = project
        self._until = self._work_until = 0.0
        self._occurrences: dict[int, Occurrence] = {}
        self.with_work: list[int] = []

    def occurrences(self, ids: Set[int]) -> dict[int, Occurrence]:
        if time.monotonic() >= self._until or not ids <= set(self._occurrences):
            found = Occurrence.objects.select_related("message", "project", "cohort")
            self._occurrences = found.in_bulk(ids)
            self._until = time.monotonic() + MEMORY_SECONDS
        return self._occurrences

    def note_work(self, with_work: list[int]) -> None:
        self.with_work = with_work
        self._work_until = time.monotonic() + WORK_SECONDS

    @property
    def knows_work(self) -> bool:
        return bool(self.with_work) and time.monotonic() < self._work_until


def claim(owner: UUID, size: int, lease_seconds: float, memory: Memory | None = None) -> Batch:
    """Up to ``size`` rows that are due now, the same share for each occurrence that has some.

    So one urgent mail does not wait behind a million. The lease runs by the database's clock.
    """
    memory = memory or Memory()
    with transaction.atomic():
        at = clock.database_now()
        rows = _pick(size, memory)
        occurrences = memory.occurrences({row.occurrence for row in rows})
        decisions = _decide(rows, occurrences, at)
        batch = Batch(
            at=at,
            mails=tuple(one for one in decisions if isinstance(one, Claimed)),
            settled=tuple(one for one in decisions if isinstance(one, Settled)),
        )
        if not batch.is_empty:
            _write(batch, owner, lease_seconds)
        crash.point("before-claim")
    crash.point("after-claim")
    return batch


def _pick(size: int, memory: Memory) -> list[Row]:
    is_known = memory.knows_work
    if not is_known:
        memory.note_work(_with_work(size, memory.project))
    some = memory.with_work[:size]  # few may leave at a time where the sender has limits
    rows = _pick_of(some, size) if some else []
    if is_known and len(rows) < size:  # there is less of it than we remember
        memory.note_work([])
        return rows or _pick(size, memory)
    return rows


def _with_work(size: int, project: int | None) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            WITH_WORK,
            {
                "kinds": list(audiences.kinds()),
                "ahead": clock.ahead(),
                "limit": size,
                "project": project,
            },
        )
        return [pk for (pk,) in cursor.fetchall()]


def _pick_of(occurrences: list[int], size: int) -> list[Row]:
    share = max(1, size // len(occurrences))
    with connection.cursor() as cursor:
        cursor.execute(PICK, {"occurrences": occurrences, "ahead": clock.ahead(), "share": share})
        return [Row._make(columns) for columns in cursor.fetchall()]


def _decide(
    rows: Sequence[Row], occurrences: dict[int, Occurrence], at: datetime
) -> list[Claimed | Settled]:
    """One query for the people of each occurrence, and three for what holds for all."""
    by_occurrence: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_occurrence[row.occurrence].append(row)
    people = {pk: _people(occurrences[pk], some, at) for pk, some in by_occurrence.items()}
    too_soon = {pk: _too_soon(occurrences[pk], found, at) for pk, found in people.items()}
    rules = load_rules(
        {r.address for found in people.values() for r in found.values()},
        [occurrences[pk] for pk in people],
        at,
    )
    return [
        decide(
            row,
            people[row.occurrence].get(row.person or 0),
            occurrences[row.occurrence],
            at,
            rules,
            too_soon[row.occurrence].get(row.person or 0, ""),
        )
        for row in rows
        if row.occurrence not in rules.not_now
    ]


def _people(occurrence: Occurrence, rows: Sequence[Row], at: datetime) -> dict[int, Recipient]:
    """Those of ``rows`` who belong to the audience at this moment."""
    wanted = [row.person for row in rows if row.person is not None]
    return recipients_among(occurrence, at, wanted)


def _too_soon(occurrence: Occurrence, people: Collection[int], at: datetime) -> Mapping[int, str]:
    """{person: why not now}, where the audience has a word to say about it."""
    audience = audiences.get(occurrence.message.audience_kind)
    return audience.too_soon(occurrence, list(people), at)


def _write(batch: Batch, owner: UUID, lease_seconds: float) -> None:
    claimed = DeliveryState.CLAIMED.value
    rows = [
        *((mail.pk, claimed, mail.recipient.address, "", None) for mail in batch.mails),
        *((s.row.pk, s.state.value, s.address, s.reason, s.later) for s in batch.settled),
    ]
    ids, states, addresses, reasons, laters = map(array, zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            {
                "owner": str(owner),
                "ahead": clock.ahead(),
                "lease": clock.seconds(lease_seconds),
                "ids": ids,
                "states": states,
                "addresses": addresses,
                "reasons": reasons,
                "laters": laters,
            },
        )
