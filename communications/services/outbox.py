"""What a person, or another room, decides about rows that were not sent or may have been sent.

`withdraw` belongs into the transaction that makes a mail unwanted (an answer, a deferral, a
leaver): the row lock orders it and the worker's mark, so nothing is marked after its commit.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import Membership, Participant
from common.doorbell import ring
from common.state import change_status
from communications.enums import (
    OCCURRENCE_TRANSITIONS,
    DeliveryState,
    OccurrenceState,
    UncertainDecision,
)
from communications.exceptions import OutboxRefused
from communications.models import Delivery, Occurrence
from communications.queries.addressees import addressees_of
from communications.services.approval import PUMP, held
from communications.services.pipeline import clock
from communications.services.seen import refuse_other_number
from projects.services.events import record

if TYPE_CHECKING:
    from accounts.models import User

NOT_MARKED = (DeliveryState.QUEUED, DeliveryState.CLAIMED)
Ids = Iterable[int] | QuerySet[Participant]
# An approved occurrence this near its moment may start to collect its people while we commit.
_HOLD = """
    SELECT id FROM communications_occurrence
    WHERE project_id = ANY(%(projects)s::bigint[]) AND (%(all)s OR id = ANY(%(only)s::bigint[]))
      AND (state = 'expanding' OR (state = 'approved'
        AND due_at <= clock_timestamp() + %(ahead)s::interval + interval '5 minutes'))
    ORDER BY id
    FOR SHARE
"""


@transaction.atomic
def withdraw(
    *,
    reason: str,
    participant_ids: Ids,
    occurrence_ids: Iterable[int] | None = None,
    message_ids: Iterable[int] | None = None,
) -> int:
    """Skip these people's mails that are not marked yet; how many. Optionally only some of them.

    Mails made later are not its business: whoever has no place in an audience is not collected.
    """
    if isinstance(participant_ids, QuerySet):
        people = participant_ids
    else:
        people = Participant.objects.filter(pk__in=list(participant_ids))
    only = None if occurrence_ids is None else list(occurrence_ids)
    _hold_collecting(people, only)
    rows = Delivery.objects.filter(
        state__in=NOT_MARKED, participant__in=people.order_by().values_list("pk", flat=True)
    )
    if only is not None:
        rows = rows.filter(occurrence__in=only)
    if message_ids is not None:
        rows = rows.filter(occurrence__message__in=list(message_ids))
    return _skip(rows, reason)


@transaction.atomic
def withdraw_address(*, address: str, reason: str) -> int:
    """Skip the mails to ``address`` that are not marked yet, whoever's and in all projects."""
    return _skip(_waiting_for(address), reason)


@transaction.atomic
def withdraw_optional(*, address: str, reason: str) -> int:
    """The same of those that are not mandatory."""
    return _skip(_waiting_for(address).filter(occurrence__message__is_mandatory=False), reason)


def _waiting_for(address: str) -> QuerySet[Delivery]:
    people = addressees_of(address)
    _hold(people.projects, None)
    theirs = (
        Q(participant__in=people.participants)
        | Q(stakeholder__in=people.stakeholders)
        | Q(user__in=people.users)
    )
    return Delivery.objects.filter(theirs, state__in=NOT_MARKED)


def _skip(rows: QuerySet[Delivery], reason: str) -> int:
    # In one order, so that two withdrawals never wait for each other.
    locked = rows.order_by("pk").select_for_update(of=("self",))
    return Delivery.objects.filter(
        pk__in=list(locked.values_list("pk", flat=True)), state__in=NOT_MARKED
    ).update(state=DeliveryState.SKIPPED, reason=reason[:200], lease_until=None, owner=None)


def _hold_collecting(people: QuerySet[Participant], only: list[int] | None) -> None:
    projects = people.order_by().values_list("project", flat=True).distinct()
    _hold(projects, only)


def _hold(projects: Iterable[int], only: list[int] | None) -> None:
    """Wait for a chunk of people that is just being written, and let none begin until we commit.

    Without it a row could be made from what was true before us, after we looked for rows. The
    lock is a shared one: any number of people may answer at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLD,
            {
                "projects": list(projects),
                "all": only is None,
                "only": only or [],
                "ahead": clock.ahead(),
            },
        )


@transaction.atomic
def resolve_uncertain(
    *,
    occurrence: Occurrence,
    decision: UncertainDecision,
    acting_user: "User",
    delivery: Delivery | None = None,
    seen_people: int | None = None,
) -> int:
    """Decide about one uncertain mail, or about all of the occurrence; how many it were.

    Sent again it keeps its Message-ID. OutboxRefused where none is uncertain any more, Conflict
    where ``seen_people`` was another number.
    """
    # Before its rows: the worker that finishes it locks in the same order.
    occurrence = held(occurrence)
    rows = Delivery.objects.filter(occurrence=occurrence, state=DeliveryState.UNCERTAIN)
    if delivery is not None:
        rows = rows.filter(pk=delivery.pk)
    if decision == UncertainDecision.SEND_AGAIN:
        number = _queue_again(occurrence, rows)
        sentence = ngettext(
            "%(n)s uncertain mail of “%(title)s” is sent again.",
            "%(n)s uncertain mails of “%(title)s” are sent again.",
            number,
        )
    else:
        _lock_memberships(rows)
        number = rows.update(
            state=DeliveryState.SENT, reason=_("treated as sent"), owner=None, lease_until=None
        )
        sentence = ngettext(
            "%(n)s uncertain mail of “%(title)s” counts as sent.",
            "%(n)s uncertain mails of “%(title)s” count as sent.",
            number,
        )
    if not number:
        raise OutboxRefused(_("Nothing is uncertain here any more. Reload the page."))
    refuse_other_number(number, seen_people)
    _tell(occurrence, "occurrence.resolved", sentence, number, acting_user)
    return number


@transaction.atomic
def retry_failed(
    *, occurrence: Occurrence, acting_user: "User", seen_people: int | None = None
) -> int:
    """Queue what failed or was put in quarantine once more, with as much time as at first.

    OutboxRefused where nothing has failed, Conflict where ``seen_people`` was another number.
    """
    occurrence = held(occurrence)
    rows = Delivery.objects.filter(
        occurrence=occurrence, state__in=(DeliveryState.FAILED, DeliveryState.QUARANTINED)
    )
    number = _queue_again(occurrence, rows)
    if not number:
        raise OutboxRefused(_("Nothing has failed here. Reload the page."))
    refuse_other_number(number, seen_people)
    sentence = ngettext(
        "%(n)s failed mail of “%(title)s” is tried again.",
        "%(n)s failed mails of “%(title)s” are tried again.",
        number,
    )
    _tell(occurrence, "occurrence.retried", sentence, number, acting_user)
    return number


def _lock_memberships(rows: QuerySet[Delivery]) -> None:
    """Sent mails tell them; whoever moves people locks memberships first and mails second."""
    told = Membership.objects.filter(
        cohort__in=rows.values("occurrence__cohort"), participant__in=rows.values("participant")
    )
    list(told.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _queue_again(occurrence: Occurrence, rows: QuerySet[Delivery]) -> int:
    if occurrence.state == OccurrenceState.CANCELLED:
        raise OutboxRefused(_("This was cancelled, so nothing of it is sent any more."))
    if not rows.exists():
        return 0
    at = clock.database_now()
    also = {"finished_at": None, "not_after": _not_after(occurrence, at)}
    if occurrence.state == OccurrenceState.DONE:
        change_status(
            occurrence,
            OccurrenceState.SENDING,
            transitions=OCCURRENCE_TRANSITIONS,
            field="state",
            **also,
        )
    else:
        Occurrence.objects.filter(pk=occurrence.pk).update(**also)
    number = rows.update(
        state=DeliveryState.QUEUED,
        reason="",
        not_before=at,
        attempts=0,
        claims=0,
        owner=None,
        lease_until=None,
    )
    ring(PUMP)
    return number


def _not_after(occurrence: Occurrence, at: datetime) -> datetime | None:
    if occurrence.not_after is None:
        return None
    days = timedelta(days=max(occurrence.message.not_after_days, 1))
    return max(occurrence.not_after, at + days)


def _tell(
    occurrence: Occurrence, verb: str, sentence: str, number: int, acting_user: "User"
) -> None:
    record(
        project=occurrence.project,
        verb=verb,
        sentence=sentence % {"n": number, "title": occurrence.message.title},
        acting_user=acting_user,
        subject=occurrence,
        data={"mails": number},
    )
