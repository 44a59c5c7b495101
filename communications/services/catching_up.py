"""Whoever joins a cohort after a message has gone out gets it too, where the message says so.

Its people are collected once more: who has a row keeps it, so nobody gets anything twice. Where
the message says so the new rows are for its short text. Many at once wait for a person.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from common.doorbell import ring
from common.state import change_status
from communications.enums import OCCURRENCE_TRANSITIONS, OccurrenceState
from communications.exceptions import OrderRefused
from communications.models import Occurrence
from communications.queries.late import GONE_OUT, are_many, late_people
from communications.services.approval import PUMP, record_occurrence, words
from communications.services.seen import refuse_other_number

if TYPE_CHECKING:
    from accounts.models import User

# Later than that nobody wants it any more, whatever the message says.
MOST_LATE = timedelta(days=30)
TIME_TO_SEND = timedelta(days=1)


def catch_up(*, at: datetime) -> int:
    """Collect again for what somebody is missing in; how many sendings went on."""
    found = Occurrence.objects.filter(GONE_OUT, due_at__gt=at - MOST_LATE).order_by("pk")
    return sum(_catch_up(pk, at) for pk in found.values_list("pk", flat=True))


@transaction.atomic
def send_to_late(
    *, occurrence: Occurrence, acting_user: "User", seen_people: int, at: datetime
) -> Occurrence:
    """Collect again for latecomers who are too many to get it by themselves.

    Conflict where ``seen_people`` is not how many they are, OrderRefused where nobody is missing.
    """
    found = _locked(occurrence.pk, is_patient=True)
    people = late_people(found, at).count() if found is not None else 0
    if found is None or not people:
        raise OrderRefused(_("Nobody is missing here any more. Reload the page."))
    refuse_other_number(people, seen_people)
    _collect_again(found, at, acting_user)
    return found


@transaction.atomic
def _catch_up(pk: int, at: datetime) -> bool:
    """Many latecomers at once wait for a person: nobody has seen whom it would go to."""
    occurrence = _locked(pk)
    people = late_people(occurrence, at).count() if occurrence is not None else 0
    if occurrence is None or not people or are_many(occurrence, people):
        return False
    _collect_again(occurrence, at, None)
    return True


def _locked(pk: int, *, is_patient: bool = False) -> Occurrence | None:
    """A worker looks again later; a person waits for whoever has it just now."""
    return (
        Occurrence.objects.filter(GONE_OUT, pk=pk)
        .select_related("message", "project", "cohort")
        .select_for_update(of=("self",), skip_locked=not is_patient)
        .first()
    )


def _collect_again(occurrence: Occurrence, at: datetime, acting_user: "User | None") -> None:
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
    record_occurrence(occurrence, "occurrence.caught_up", sentence, acting_user)
    ring(PUMP)
