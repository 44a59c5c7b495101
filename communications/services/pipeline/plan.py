"""Takes occurrences that are due; tells the record about those whose time has passed.

Writes occurrences only. Rows for people are `expand`'s. Each one is locked and looked at again
before it moves, so that a date moved meanwhile never fires at its old time.
"""

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import ExtractIsoWeekDay
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from common.exceptions import DomainError
from common.state import change_status
from communications import audiences
from communications.enums import (
    DELIVERED,
    ITEM_TRANSITIONS,
    ITEMS,
    OCCURRENCE_TRANSITIONS,
    MessageStatus,
    MessageZone,
    OccurrenceState,
)
from communications.mailer import crash
from communications.models import Occurrence
from communications.queries.reach import funnel
from communications.queries.since import approve_again
from communications.queries.zones import AHEAD, AROUND_THE_WORLD, first_moment
from communications.services.approval import unapprove_occurrence
from communications.services.pipeline.pause import pause_by_itself
from projects.enums import ProjectStatus
from projects.services import events

IS_DELIVERED = Q(message__channel__in=DELIVERED)
EVERYWHERE = Q()
MONDAY = 1  # as ISO counts


def mark_missed(at: datetime, only: Q = EVERYWHERE) -> int:
    """Not begun when the last moment passed: ``missed``, and a person must decide. How many."""
    late = Q(
        only,
        ~Q(project__status=ProjectStatus.CLOSED),
        state__in=[OccurrenceState.PLANNED, OccurrenceState.APPROVED],
        due_at__isnull=False,
        not_after__lte=at,
    )
    return sum(_miss(pk, late) for pk in _ids(late))


@transaction.atomic
def _miss(pk: int, late: Q) -> bool:
    occurrence = _locked(pk, late)
    if occurrence is None:
        return False
    is_item = occurrence.message.channel in ITEMS
    change_status(
        occurrence,
        OccurrenceState.MISSED,
        transitions=ITEM_TRANSITIONS if is_item else OCCURRENCE_TRANSITIONS,
        field="state",
    )
    if is_item:
        sentence = _("“%(title)s” was not ticked off in time. Tick it off when it is done.")
    else:
        sentence = _("“%(title)s” was not sent in time. Decide whether it still should go out.")
    events.record(
        project=occurrence.project,
        verb="occurrence.missed",
        sentence=sentence % {"title": occurrence.message.title},
        acting_user=None,
        subject=occurrence,
    )
    return True


def start_due(at: datetime, only: Q = EVERYWHERE) -> int:
    """What is approved and due starts to collect its people. How many were started.

    What people get by their own clocks or calendars starts when the first of them is due; each row
    waits.
    """
    due = Q(
        only,
        Q(not_after__isnull=True) | Q(not_after__gt=at),
        _may_begin(at),
        IS_DELIVERED,
        state=OccurrenceState.APPROVED,
        message__audience_kind__in=audiences.kinds(),
        message__status=MessageStatus.ACTIVE,
        project__status=ProjectStatus.ACTIVE,
    )
    return sum(_start(pk, due, at) for pk in _ids(due))


def _may_begin(at: datetime) -> Q:
    """Due, or for somebody who is ahead: by the clock, or working while others wait for Monday."""
    is_monday = Q(Exact(ExtractIsoWeekDay("wall_at", tzinfo=UTC), MONDAY))
    return (
        Q(due_at__lte=at)
        | Q(message__zone=MessageZone.PERSON, due_at__lte=at + AROUND_THE_WORLD)
        | Q(message__is_working_day=True, due_at__lte=at + AHEAD) & is_monday
    )


def _start(pk: int, due: Q, at: datetime) -> bool:
    """The audience prepares in the same transaction; its refusal pauses the message."""
    try:
        with transaction.atomic():
            occurrence = _locked(pk, due)
            if occurrence is None or (first_moment(occurrence) or at) > at:
                return False
            if _is_given_back(occurrence, at):
                return False
            change_status(
                occurrence,
                OccurrenceState.EXPANDING,
                transitions=OCCURRENCE_TRANSITIONS,
                field="state",
                content_revision=occurrence.message.revision,
                expansion_cursor=0,
            )
            audience = audiences.get(occurrence.message.audience_kind)
            audience.prepare(occurrence, at, acting_user=occurrence.approved_by)
            crash.point("before-plan")
    except DomainError as refusal:
        message = Occurrence.objects.values_list("message", flat=True).get(pk=pk)
        pause_by_itself(message, _("It could not start: %s") % refusal)
        return False
    crash.point("after-plan")
    return True


def _is_given_back(occurrence: Occurrence, at: datetime) -> bool:
    """Far more people than somebody approved it for: it needs approval again, and says why."""
    if occurrence.approved_count is None:
        return False
    why = approve_again(occurrence, funnel(occurrence, at).reachable)
    if why:
        unapprove_occurrence(occurrence=occurrence, acting_user=None, why=why)
    return bool(why)


def _ids(wanted: Q) -> list[int]:
    return list(
        Occurrence.objects.filter(wanted).order_by("due_at", "pk").values_list("pk", flat=True)
    )


def _locked(pk: int, wanted: Q) -> Occurrence | None:
    """The occurrence, if it is still as wanted and nobody else is moving it."""
    return (
        Occurrence.objects.filter(wanted, pk=pk)
        .select_related("message", "project", "cohort", "approved_by")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
