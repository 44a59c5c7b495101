"""Who joined a cohort after a message had gone out, and gets it because the message says so."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cohorts.enums import CohortStatus
from cohorts.models import Participant
from communications import audiences
from communications.again import is_much_more
from communications.enums import LatePolicy, MessageStatus, OccurrenceState
from communications.models import Delivery, Occurrence
from communications.queries.audience import people_of
from communications.queries.reach import EXAMPLES
from communications.queries.waiting import NOBODY, Waiting
from projects.enums import ProjectStatus

GONE_OUT = Q(
    state__in=(OccurrenceState.SENDING, OccurrenceState.DONE),
    cohort__status__in=(CohortStatus.PLANNED, CohortStatus.SWITCHED),
    message__late_policy__in=(LatePolicy.SEND, LatePolicy.SHORT),
    message__status=MessageStatus.ACTIVE,
    project__status=ProjectStatus.ACTIVE,
)


def late_people(occurrence: Occurrence, at: datetime) -> QuerySet[Any]:
    """Those it is for who have no row yet."""
    if occurrence.message.audience_kind not in audiences.kinds():
        return Participant.objects.none()
    people = people_of(occurrence, at)
    if people.model is not Participant:
        return Participant.objects.none()
    row = Delivery.objects.filter(occurrence=occurrence.pk, participant=OuterRef("pk"))
    return people.filter(~Exists(row))


def late_waiting(occurrence: Occurrence, at: datetime) -> Waiting:
    """Those of them for whom a person must say so, because they are many. Three queries at most."""
    if not Occurrence.objects.filter(GONE_OUT, pk=occurrence.pk).exists():
        return NOBODY
    people = late_people(occurrence, at).order_by()
    number = people.count()
    if not are_many(occurrence, number):
        return NOBODY
    names = people.order_by("display_name", "pk").values_list("display_name", flat=True)
    return Waiting(number, tuple(names[:EXAMPLES]))


def are_many(occurrence: Occurrence, number: int) -> bool:
    """Whether so many latecomers are more than somebody approved without seeing them."""
    approved = occurrence.approved_count
    return approved is not None and is_much_more(approved, approved + number)
