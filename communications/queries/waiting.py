"""Whose mail a button would send: how many, and three of them by name. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Sum

from communications.enums import DeliveryState, OccurrenceState
from communications.models import Delivery, Message, Occurrence
from communications.queries.people import NAMED, name_of
from communications.queries.reach import EXAMPLES, examples, with_reasons

BROKEN = (DeliveryState.FAILED, DeliveryState.QUARANTINED)
UNSURE = (DeliveryState.UNCERTAIN,)
WAITING = (DeliveryState.QUEUED, DeliveryState.CLAIMED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """``people`` get a mail when the button is pressed; ``names`` are the first of them."""

    people: int
    names: tuple[str, ...]


NOBODY = Waiting(0, ())


def names_in(occurrence: Occurrence, states: Collection[str]) -> tuple[str, ...]:
    """The first three of the occurrence's rows in one of ``states``. One query."""
    return _names(Delivery.objects.filter(occurrence=occurrence.pk, state__in=states))


def waiting_of(message: Message, at: datetime) -> Waiting:
    """Whom a paused message would go to at once if it were resumed at ``at``: rows that wait, and
    sendings that are approved and due. Ten queries at most."""
    rows = Delivery.objects.filter(occurrence__message=message, state__in=WAITING)
    due = Occurrence.objects.filter(
        message=message, state=OccurrenceState.APPROVED, due_at__lte=at
    ).select_related("message", "cohort", "project")
    number = rows.count() + (due.aggregate(sum=Sum("approved_count"))["sum"] or 0)
    names = _names(rows)
    first = due.order_by("due_at", "pk").first() if len(names) < EXAMPLES else None
    if first is not None:
        names += tuple(one.name or one.address for one in examples(with_reasons(first, at)))
    return Waiting(number, names[:EXAMPLES])


def _names(rows: QuerySet[Delivery]) -> tuple[str, ...]:
    return tuple(name_of(row) for row in rows.select_related(*NAMED).order_by("pk")[:EXAMPLES])
