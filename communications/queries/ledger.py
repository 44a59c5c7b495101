"""How many rows stand in which state. Reads only; the sum of the states is the number of rows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from django.db import connection
from django.db.models import Q

from communications.enums import UNFINISHED, DeliveryState, OccurrenceState
from communications.models import Delivery
from projects.models import Project


@dataclass(frozen=True, slots=True)
class Ledger:
    """Rows by state, every state named; ``total`` is their sum by construction."""

    states: Mapping[DeliveryState, int] = field(
        default_factory=lambda: MappingProxyType(dict.fromkeys(DeliveryState, 0))
    )

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def unfinished(self) -> int:
        return sum(self.states[state] for state in UNFINISHED)

    @property
    def finished(self) -> int:
        return self.total - self.unfinished

    def __getitem__(self, state: DeliveryState) -> int:
        return self.states[state]


def ledger_of(occurrence_id: int) -> Ledger:
    """One occurrence. One query."""
    return ledgers([occurrence_id])[occurrence_id]


# What is done is kept, the rest is counted. Told apart first, so that the rows of what is kept are
# not even looked at.
_LEDGERS = """
    SELECT occurrence_id, state, rows FROM communications_deliverycount
    WHERE occurrence_id = ANY(%(ids)s::bigint[])
    UNION ALL
    SELECT occurrence_id, state, count(*) FROM communications_delivery
    WHERE occurrence_id = ANY(ARRAY(
        SELECT id FROM unnest(%(ids)s::bigint[]) AS asked (id) WHERE NOT EXISTS (
            SELECT FROM communications_deliverycount k WHERE k.occurrence_id = asked.id)))
    GROUP BY 1, 2
"""


def ledgers(occurrence_ids: Iterable[int]) -> dict[int, Ledger]:
    """Any number of occurrences, with zeros for those without rows. One query."""
    counts: dict[int, dict[str, int]] = {pk: {} for pk in occurrence_ids}
    with connection.cursor() as cursor:
        cursor.execute(_LEDGERS, {"ids": list(counts)})
        for occurrence, state, number in cursor.fetchall():
            counts[occurrence][state] = number
    return {pk: _ledger(states) for pk, states in counts.items()}


def ledger_of_project(project: Project) -> Ledger:
    """All rows of a project. Two queries."""
    found = ledgers(project.occurrences.order_by().values_list("pk", flat=True))
    sums: Counter[str] = Counter()
    for ledger in found.values():
        sums.update(ledger.states)
    return _ledger(sums)


def due_count(at: datetime) -> int:
    """Mails that are due at ``at`` and not finished, claimed and marked ones included."""
    return Delivery.objects.filter(
        Q(state=DeliveryState.QUEUED, not_before__lte=at)
        | Q(state__in=(DeliveryState.CLAIMED, DeliveryState.SENDING)),
        occurrence__state__in=(OccurrenceState.EXPANDING, OccurrenceState.SENDING),
    ).count()


def is_any_held(at: datetime) -> bool:
    """Whether some worker, dead or alive, holds a row under a lease that runs at ``at``."""
    held = Delivery.objects.filter(lease_until__gt=at).order_by("lease_until")
    return bool(held.values_list("pk", flat=True)[:1])  # in order, so by the index of leases


def _ledger(states: Mapping[str, int]) -> Ledger:
    return Ledger(MappingProxyType({state: states.get(state, 0) for state in DeliveryState}))
