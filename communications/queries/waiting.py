"""Whose mail a button would send: how many, and three of them by name. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, Sum

from communications.enums import DeliveryState, MessageStatus, OccurrenceState
from communications.models import Delivery, Message, Occurrence
from communications.queries.people import NAMED, name_of
from communications.queries.reach import EXAMPLES, examples, with_reasons
from projects.enums import ProjectStatus
from projects.models import Project

BROKEN = (DeliveryState.FAILED, DeliveryState.QUARANTINED)
UNSURE = (DeliveryState.UNCERTAIN,)
RUNNING = (OccurrenceState.EXPANDING, OccurrenceState.SENDING)
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
    return _waiting(message.occurrences.all(), at)


def waiting_in(project: Project, at: datetime) -> Waiting:
    """The same for all messages of a paused project that are not paused themselves."""
    return _waiting(project.occurrences.filter(message__status=MessageStatus.ACTIVE), at)


def waiting_everywhere(at: datetime) -> Waiting:
    """The same for all projects that go on: what leaves when sending is turned on."""
    going = Occurrence.objects.filter(
        message__status=MessageStatus.ACTIVE, project__status=ProjectStatus.ACTIVE
    )
    return _waiting(going, at)


def _waiting(occurrences: QuerySet[Occurrence], at: datetime) -> Waiting:
    begun = occurrences.filter(state__in=RUNNING).order_by().values("pk")
    rows = Delivery.objects.filter(occurrence__in=begun, state__in=WAITING)
    due = occurrences.filter(
        Q(not_after__isnull=True) | Q(not_after__gt=at),
        state=OccurrenceState.APPROVED,
        due_at__lte=at,
    ).select_related("message", "cohort", "project")
    number = rows.count() + (due.aggregate(sum=Sum("approved_count"))["sum"] or 0)
    names = _names(rows)
    first = due.order_by("due_at", "pk").first() if len(names) < EXAMPLES else None
    if first is not None:
        names += tuple(one.name or one.address for one in examples(with_reasons(first, at)))
    return Waiting(number, names[:EXAMPLES])


def _names(rows: QuerySet[Delivery]) -> tuple[str, ...]:
    return tuple(name_of(row) for row in rows.select_related(*NAMED).order_by("pk")[:EXAMPLES])
