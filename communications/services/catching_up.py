"""Whoever joins a cohort after a message has gone out gets it too, where the message says so.

Its people are collected once more: who has a row keeps it, so nobody gets anything twice. Where
the message says so the new rows are for its short text.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from cohorts.enums import CohortStatus
from cohorts.models import Participant
from common.doorbell import ring
from common.state import change_status
from communications import audiences
from communications.enums import (
    OCCURRENCE_TRANSITIONS,
    LatePolicy,
    MessageStatus,
    OccurrenceState,
)
from communications.models import Delivery, Occurrence
from communications.queries.audience import people_of
from communications.services.approval import PUMP, record_occurrence, words
from projects.enums import ProjectStatus

# Later than that nobody wants it any more, whatever the message says.
MOST_LATE = timedelta(days=30)
TIME_TO_SEND = timedelta(days=1)

_GONE_OUT = Q(
    state__in=(OccurrenceState.SENDING, OccurrenceState.DONE),
    cohort__status__in=(CohortStatus.PLANNED, CohortStatus.SWITCHED),
    message__late_policy__in=(LatePolicy.SEND, LatePolicy.SHORT),
    message__status=MessageStatus.ACTIVE,
    project__status=ProjectStatus.ACTIVE,
)


def catch_up(*, at: datetime) -> int:
    """Collect again for what somebody is missing in; how many sendings went on."""
    found = Occurrence.objects.filter(_GONE_OUT, due_at__gt=at - MOST_LATE).order_by("pk")
    return sum(_collect_again(pk, at) for pk in found.values_list("pk", flat=True))


@transaction.atomic
def _collect_again(pk: int, at: datetime) -> bool:
    occurrence = (
        Occurrence.objects.filter(_GONE_OUT, pk=pk)
        .select_related("message", "project", "cohort")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    if occurrence is None or not _is_somebody_missing(occurrence, at):
        return False
    change_status(
        occurrence,
        OccurrenceState.EXPANDING,
        transitions=OCCURRENCE_TRANSITIONS,
        field="state",
        expansion_cursor=0,
        caught_up_at=at,
        finished_at=None,
        not_after=Greatest(F("not_after"), at + TIME_TO_SEND),
    )
    sentence = _("“%(what)s” goes on to people who joined since.") % {"what": words(occurrence)}
    record_occurrence(occurrence, "occurrence.caught_up", sentence, None)
    ring(PUMP)
    return True


def _is_somebody_missing(occurrence: Occurrence, at: datetime) -> bool:
    if occurrence.message.audience_kind not in audiences.kinds():
        return False
    people = people_of(occurrence, at)
    if people.model is not Participant:
        return False
    row = Delivery.objects.filter(occurrence=occurrence.pk, participant=OuterRef("pk"))
    return people.filter(~Exists(row)).exists()
