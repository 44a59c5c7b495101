"""Occurrences that somebody orders: a survey's nth reminder, or a message now.

The unique key of message and anchor makes ordering the same thing twice one and the same row.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from cohorts.queries.gates import closed_gate
from common.doorbell import ring
from common.exceptions import Conflict
from communications.enums import ITEMS, MessageStatus, OccurrenceState
from communications.exceptions import OrderRefused
from communications.models import Message, Occurrence
from communications.queries.planning import PROJECT_KEY, cohort_key, zone_of
from communications.queries.reach import funnel
from communications.queries.since import approve_again
from communications.services.approval import (
    PUMP,
    approve_as_due,
    approve_now,
    due_now,
    held,
    record_occurrence,
    refuse_item,
    unapprove_occurrence,
    words,
)
from communications.services.pipeline.clock import database_now
from communications.services.seen import Seen, refuse_other
from projects.enums import ProjectStatus

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def schedule_occurrence(
    *,
    message: Message,
    cohort: Cohort | None,
    anchor_key: str,
    due_at: datetime,
    acting_user: "User | None",
    is_approved: bool,
    not_after: datetime | None = None,
) -> Occurrence:
    """One sending at an instant somebody worked out (a survey's nth reminder).

    ``anchor_key`` says which one it is: asking again for the same returns the one there is,
    unchanged. ``not_after`` defaults to the message's own rule.
    """
    occurrence, is_new = _get_or_create(message, cohort, anchor_key)
    if not is_new:
        return occurrence
    also = due_now(occurrence, due_at)
    if not_after is not None:
        also["not_after"] = not_after
    for name, value in also.items():
        setattr(occurrence, name, value)
    occurrence.save(update_fields=list(also))
    sentence = _("“%(what)s” was scheduled.") % {"what": words(occurrence)}
    record_occurrence(occurrence, "occurrence.scheduled", sentence, acting_user)
    if is_approved:
        approve_as_due(occurrence, acting_user, due_at)
    return occurrence


@transaction.atomic
def order_now(
    *,
    message: Message,
    cohort: Cohort | None,
    acting_user: "User | None",
    at: datetime | None = None,
) -> Occurrence:
    """Approve this message for this cohort (None: for the project) and make it due now.

    Ordering it again returns the same occurrence, unchanged once it is due, being sent or sent.
    ``at`` is the database's now unless given. OrderRefused says why it cannot go out.
    """
    at = at or database_now()
    key = cohort_key(cohort.pk) if cohort else PROJECT_KEY
    _refuse_impossible(message, cohort)
    occurrence, _is_new = _get_or_create(message, cohort, key)
    state = occurrence.state
    if state in (OccurrenceState.EXPANDING, OccurrenceState.SENDING, OccurrenceState.DONE):
        return occurrence
    if state == OccurrenceState.APPROVED and occurrence.due_at and occurrence.due_at <= at:
        return occurrence
    return _order(occurrence, at, acting_user)


@transaction.atomic
def send_now(
    *,
    occurrence: Occurrence,
    acting_user: "User",
    seen: Seen,
    at: datetime | None = None,
) -> Occurrence:
    """Let what is planned for later, approved or not, go out now, to the people on the button.

    Conflict where it is not what was ``seen``, StaleState where it has begun, OrderRefused where it
    cannot go out.
    """
    at = at or database_now()
    row = held(occurrence)
    refuse_item(row)
    found = funnel(row, at)
    refuse_other(row, found, seen)
    return _order(row, at, acting_user)


def _order(occurrence: Occurrence, at: datetime, acting_user: "User | None") -> Occurrence:
    """An approval that would not hold is given anew."""
    _refuse_stopped(occurrence.message, occurrence)
    is_approved = occurrence.state == OccurrenceState.APPROVED
    if is_approved and not approve_again(occurrence, funnel(occurrence, at).reachable):
        _bring_forward(occurrence, at, acting_user)
        return occurrence
    if is_approved:
        occurrence = unapprove_occurrence(occurrence=occurrence, acting_user=acting_user)
    approve_now(occurrence, acting_user, at)
    return occurrence


def ordered_before(message: Message, cohort: Cohort | None) -> Occurrence | None:
    """The one ``order_now`` would order, if it is there."""
    key = cohort_key(cohort.pk) if cohort else PROJECT_KEY
    rows = message.occurrences.select_related("message", "project", "cohort")
    return rows.filter(anchor_key=key).first()


def _refuse_impossible(message: Message, cohort: Cohort | None) -> None:
    title = message.title
    if message.channel in ITEMS:
        raise OrderRefused(
            _("“%(title)s” is nothing that is sent. Tick it off when it is done.")
            % {"title": title}
        )
    if message.cohort_kind and cohort is None:
        raise OrderRefused(
            _("“%(title)s” goes to one cohort at a time. Say which.") % {"title": title}
        )
    if cohort is None:
        return
    if not message.cohort_kind:
        raise OrderRefused(
            _("“%(title)s” goes to the whole project at once. Leave the cohort out.")
            % {"title": title}
        )
    if cohort.project_id != message.project_id:
        raise OrderRefused(_("This cohort belongs to another project."))
    if cohort.status == CohortStatus.CANCELLED:
        raise OrderRefused(
            _("%(cohort)s was cancelled, so nothing is sent to it.") % {"cohort": cohort.name}
        )


def _refuse_stopped(message: Message, occurrence: Occurrence) -> None:
    if message.project.status != ProjectStatus.ACTIVE:
        raise OrderRefused(
            _("The project is %(status)s, so nothing is sent. Let it go on first, in its settings.")
            % {"status": message.project.get_status_display()}
        )
    if message.status == MessageStatus.PAUSED:
        raise OrderRefused(_("“%(title)s” is paused. Resume it first.") % {"title": message.title})
    if message.status == MessageStatus.CANCELLED or occurrence.state == OccurrenceState.CANCELLED:
        raise OrderRefused(
            _("“%(what)s” was cancelled, so it is not sent any more.") % {"what": words(occurrence)}
        )


def _get_or_create(
    message: Message, cohort: Cohort | None, anchor_key: str
) -> tuple[Occurrence, bool]:
    """The occurrence, locked. The unique key makes two who order at once meet in one row."""
    row, is_new = Occurrence.objects.get_or_create(
        message=message,
        anchor_key=anchor_key,
        defaults={
            "project": message.project,
            "cohort": cohort,
            "timezone": zone_of(message.project, message, cohort),
        },
    )
    row.message, row.cohort, row.project = message, cohort, message.project
    return held(row), is_new


def _bring_forward(occurrence: Occurrence, at: datetime, acting_user: "User | None") -> None:
    """Approved for later, ordered for now. The row is locked, the state cannot move meanwhile."""
    also = due_now(occurrence, at) | {"ordered_at": at}
    rows = Occurrence.objects.filter(pk=occurrence.pk, state=OccurrenceState.APPROVED)
    if not rows.update(**also):
        raise Conflict(_("It is being sent already."))
    for name, value in also.items():
        setattr(occurrence, name, value)
    sentence = _("“%(what)s” was ordered for now.") % {"what": words(occurrence)}
    data = closed_gate(occurrence.cohort, at)
    record_occurrence(occurrence, "occurrence.ordered", sentence, acting_user, data)
    ring(PUMP)
