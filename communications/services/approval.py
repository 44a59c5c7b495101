"""A person says yes, or takes it back. Nothing leaves without the first."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.queries.gates import closed_gate
from common.doorbell import ring
from common.exceptions import StaleState
from common.state import change_status, refuse_change
from communications.again import NO_APPROVAL
from communications.enums import (
    ITEMS,
    OCCURRENCE_TRANSITIONS,
    MessageStatus,
    OccurrenceState,
)
from communications.exceptions import OrderRefused
from communications.models import Message, Occurrence
from communications.queries.reach import funnel, reached
from communications.queries.rules import rules_of
from communications.queries.since import approve_again, ids_of, is_first_held
from communications.services.pipeline.clock import database_now
from communications.services.seen import Seen, refuse_other
from projects.services.events import record

if TYPE_CHECKING:
    from accounts.models import User

PUMP = "communications.tasks.pump"


@transaction.atomic
def approve_occurrence(
    *,
    occurrence: Occurrence,
    acting_user: "User",
    seen: Seen | None = None,
    at: datetime | None = None,
) -> Occurrence:
    """Let it go out when it is due; what is past its last moment goes out now.

    Conflict when it is not what was ``seen``, StaleState when somebody decided before, OrderRefused
    for a cancelled message. An approval that no longer holds is given anew.
    """
    occurrence = held(occurrence)
    refuse_cancelled(occurrence)
    refuse_item(occurrence)
    at = at or database_now()
    found = funnel(occurrence, at)
    people = found.reachable
    refuse_other(occurrence, found, seen)
    if occurrence.state == OccurrenceState.APPROVED:
        if not approve_again(occurrence, people):
            raise StaleState(_("It is approved already. Nothing was changed."))
        occurrence = unapprove_occurrence(occurrence=occurrence, acting_user=acting_user)
    if _is_first_of_two(occurrence, people, acting_user):
        return _first_approval(occurrence, people, acting_user)
    also: dict[str, Any] = {}
    if occurrence.not_after is not None and occurrence.not_after <= at:
        also = due_now(occurrence, at) | {"ordered_at": at}
    _approve(occurrence, people, acting_user, at, also)
    return occurrence


def _is_first_of_two(occurrence: Occurrence, people: int, acting_user: "User") -> bool:
    above = rules_of(occurrence.project).second_above
    if above is None or people <= above:
        return False
    if not is_first_held(occurrence, people):
        return True
    if occurrence.first_approved_by_id == acting_user.pk:
        raise OrderRefused(
            _(
                "You have approved it already. More than %(n)s people get it, so somebody else"
                " must approve it as well (Sending rules)."
            )
            % {"n": above}
        )
    return False


def _first_approval(occurrence: Occurrence, people: int, acting_user: "User") -> Occurrence:
    """Written down; it stays planned until a second person approves it."""
    refuse_change(
        occurrence, OccurrenceState.APPROVED, transitions=OCCURRENCE_TRANSITIONS, field="state"
    )
    occurrence.first_approved_by = acting_user
    occurrence.approved_count = people
    occurrence.approved_revision = occurrence.message.revision
    occurrence.save(update_fields=["first_approved_by", "approved_count", "approved_revision"])
    sentence = ngettext(
        "“%(what)s” has the first of two approvals, for %(n)s person.",
        "“%(what)s” has the first of two approvals, for %(n)s people.",
        people,
    ) % {"what": words(occurrence), "n": people}
    record_occurrence(occurrence, "occurrence.seconded", sentence, acting_user, {"people": people})
    return occurrence


@transaction.atomic
def unapprove_occurrence(
    *, occurrence: Occurrence, acting_user: "User | None", why: str = ""
) -> Occurrence:
    """Take the approval back before anything has left. ``why`` is a sentence for the record."""
    occurrence = held(occurrence)
    change_status(
        occurrence,
        OccurrenceState.PLANNED,
        transitions=OCCURRENCE_TRANSITIONS,
        field="state",
        **NO_APPROVAL,
        ordered_at=None,
    )
    sentence = _("“%(what)s” needs approval again.") % {"what": words(occurrence)}
    record_occurrence(occurrence, "occurrence.unapproved", f"{sentence} {why}".strip(), acting_user)
    return occurrence


# ---- shared with whoever else decides: ordering, cancelling, items


def held(occurrence: Occurrence) -> Occurrence:
    """The row as it is now, locked: what a worker makes of it meanwhile, because it is late or due,
    is not somebody else's decision and must not refuse a person's. Rows that name it may still be
    added, so that nobody waits in a circle."""
    row = Occurrence.objects.select_for_update(no_key=True).get(pk=occurrence.pk)
    row.message, row.cohort, row.project = occurrence.message, occurrence.cohort, occurrence.project
    return row


def approve_now(occurrence: Occurrence, acting_user: "User | None", at: datetime) -> None:
    """Approve what is planned or missed and make it due at ``at``."""
    people = funnel(occurrence, at).reachable
    if acting_user is not None and _is_first_of_two(occurrence, people, acting_user):
        raise OrderRefused(
            _(
                "More than %(n)s people get it, so a second person must approve it (Sending"
                " rules). Approve it on its page, and ask somebody else to do the same."
            )
            % {"n": rules_of(occurrence.project).second_above}
        )
    _approve(occurrence, people, acting_user, at, due_now(occurrence, at) | {"ordered_at": at})


def approve_as_due(occurrence: Occurrence, acting_user: "User | None", at: datetime) -> None:
    """Approve what is planned for the moment it has; people are counted as of ``at``."""
    _approve(occurrence, funnel(occurrence, at).reachable, acting_user, at, {})


def due_now(occurrence: Occurrence, at: datetime) -> dict[str, Any]:
    """Columns of an order by a person: due at ``at``, not moved when an anchor moves."""
    days = timedelta(days=max(occurrence.message.not_after_days, 1))
    return {"wall_at": None, "due_at": at, "not_after": at + days}


def refuse_item(occurrence: Occurrence) -> None:
    if occurrence.message.channel in ITEMS:
        raise OrderRefused(_("This is nothing that is sent. Tick it off when it is done."))


def refuse_cancelled(occurrence: Occurrence) -> None:
    if occurrence.message.status == MessageStatus.CANCELLED:
        raise OrderRefused(_("This message was cancelled, so it is not sent any more."))


def refuse_cancelled_message(message: Message) -> None:
    """Of the message itself, which then keeps its text and its rule."""
    if message.status == MessageStatus.CANCELLED:
        raise StaleState(_("This message was cancelled. Write a new one."))


def words(occurrence: Occurrence) -> str:
    """The title and, where there is one, the cohort."""
    title = occurrence.message.title
    return f"{title}, {occurrence.cohort.name}" if occurrence.cohort else title


def record_occurrence(
    occurrence: Occurrence,
    verb: str,
    sentence: str,
    acting_user: "User | None",
    data: dict[str, Any] | None = None,
) -> None:
    record(
        project=occurrence.project,
        verb=verb,
        sentence=sentence,
        acting_user=acting_user,
        subject=occurrence,
        data=data,
    )


def _approve(
    occurrence: Occurrence,
    people: int,
    acting_user: "User | None",
    at: datetime,
    also: dict[str, Any],
) -> None:
    change_status(
        occurrence,
        OccurrenceState.APPROVED,
        transitions=OCCURRENCE_TRANSITIONS,
        field="state",
        approved_by=acting_user,
        approved_at=now(),
        approved_count=people,
        approved_revision=occurrence.message.revision,
        approved_due_at=also.get("due_at", occurrence.due_at),
        **also,
    )
    _keep_audience(occurrence, at)
    sentence = ngettext(
        "“%(what)s” was approved for %(n)s person.",
        "“%(what)s” was approved for %(n)s people.",
        people,
    ) % {"what": words(occurrence), "n": people}
    data = {"people": people, **_closed_gate(occurrence)}
    record_occurrence(occurrence, "occurrence.approved", sentence, acting_user, data)
    ring(PUMP)


# {people} is the audience's own query of ids, made by Django; all values are parameters.
_KEEP = """
    INSERT INTO communications_approvedaudience (occurrence_id, people)
    SELECT %s, ARRAY({people})
    ON CONFLICT (occurrence_id) DO UPDATE SET people = excluded.people
"""


def _keep_audience(occurrence: Occurrence, at: datetime) -> None:
    """Whom it would reach now, so that what changes until it goes out can be shown."""
    sql, params = ids_of(reached(occurrence, at))
    with connection.cursor() as cursor:
        cursor.execute(_KEEP.format(people=sql), [occurrence.pk, *params])


def _closed_gate(occurrence: Occurrence) -> dict[str, str]:
    """A go/no-go that is closed stops nothing that a person sends now; the record names it."""
    at = database_now()
    is_now = occurrence.due_at is not None and occurrence.due_at <= at
    return closed_gate(occurrence.cohort, at) if is_now else {}
