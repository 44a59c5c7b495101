"""One person’s new date: who moved to another cohort and knew the old one gets one mail about it.

Moving them is the caller's part, in the same transaction. Messages of the new cohort that they have
had with another one do not come again: their rows are there before anybody collects people.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from cohorts.models import Cohort, Participant
from common.doorbell import ring
from common.state import change_status
from communications.audience_kinds import FOR_ONE_COHORT, MOVED
from communications.correction_text import moved_text
from communications.enums import OCCURRENCE_TRANSITIONS, DeliveryState, OccurrenceState
from communications.models import Delivery, Message, Occurrence
from communications.queries.dated import MAYBE_SENT, latest_date_mail, names_date
from communications.services.approval import PUMP, held
from communications.services.messages import create_message
from communications.services.pipeline.clock import database_now
from communications.services.usual_texts import add_usual_languages
from communications.timing import COHORT_SWITCH

if TYPE_CHECKING:
    from accounts.models import User

HAD = (*MAYBE_SENT, DeliveryState.SENT)
TO_COME = (
    OccurrenceState.PLANNED,
    OccurrenceState.APPROVED,
    OccurrenceState.EXPANDING,
    OccurrenceState.MISSED,
)
GONE = Q(state__in=(OccurrenceState.SENDING, OccurrenceState.DONE))


@transaction.atomic
def tell_new_date(
    *, participant: Participant, cohort: Cohort, acting_user: "User | None", at: datetime
) -> Delivery | None:
    """Queue one mail with the date of ``cohort``, in which the person is by now.

    None for somebody who was told no other date and will hear of this one with the cohort itself.
    ``acting_user`` None: the person chose it by their link.
    """
    last = latest_date_mail(participant, cohort)
    knows = last is not None and last.occurrence.cohort_id == cohort.pk
    if knows or (last is None and not _is_announced(participant, cohort)):
        return None
    message = _message(cohort, last, acting_user)
    occurrence = _open_occurrence(message, cohort, participant, acting_user, at)
    address = participant.address.strip()
    delivery = Delivery.objects.create(
        occurrence=occurrence,
        participant=participant,
        recipient_key=f"p:{participant.pk}",
        state=DeliveryState.QUEUED if address else DeliveryState.SKIPPED,
        reason="" if address else _("no address"),
        not_before=database_now(),
    )
    Occurrence.objects.filter(pk=occurrence.pk).update(approved_count=F("approved_count") + 1)
    _skip_what_they_had(participant, cohort)
    ring(PUMP)
    return delivery


def _is_announced(participant: Participant, cohort: Cohort) -> bool:
    """Whether the mails that name the cohort's date have left, or have passed this person by."""
    passed = Q(state=OccurrenceState.EXPANDING, expansion_cursor__gte=participant.pk)
    rows = Occurrence.objects.filter(GONE | passed, cohort=cohort).exclude(
        message__audience_kind__in=FOR_ONE_COHORT
    )
    found = rows.select_related("message").prefetch_related("message__variants")
    return any(names_date(row.message) for row in found)


def _skip_what_they_had(participant: Participant, cohort: Cohort) -> None:
    """A row for each mail of ``cohort`` still to come that says so. The unique key keeps another
    one away, so the audience need not ask everybody what they had."""
    had = Delivery.objects.filter(participant=participant, state__in=HAD).values_list(
        "occurrence__message", "occurrence__cohort__name"
    )
    names = {message: name for message, name in had if name is not None}
    to_come = Occurrence.objects.filter(cohort=cohort, state__in=TO_COME, message__in=list(names))
    Delivery.objects.bulk_create(
        [
            Delivery(
                occurrence=row,
                participant=participant,
                recipient_key=f"p:{participant.pk}",
                state=DeliveryState.SKIPPED,
                reason=_("had it with %(cohort)s") % {"cohort": names[row.message_id]},
            )
            for row in to_come.order_by("pk")
        ],
        ignore_conflicts=True,
    )


def _message(cohort: Cohort, last: Delivery | None, acting_user: "User | None") -> Message:
    """One a project and kind of cohort, made when it is first needed; its text can be edited."""
    key = f"new-date-{cohort.kind}"
    found = Message.objects.filter(project=cohort.project_id, key=key).first()
    if found is not None:
        return found
    # Two people who choose at once wait for each other here, not at the unique key.
    type(cohort.project).objects.select_for_update(no_key=True).get(pk=cohort.project_id)
    found = Message.objects.filter(project=cohort.project_id, key=key).first()
    if found is not None:
        return found
    text = moved_text()
    made = create_message(
        project=cohort.project,
        key=key,
        title=_("Your new date"),
        subject=text.subject,
        body=text.body,
        audience_kind=MOVED,
        cohort_kind=cohort.kind,
        anchor=COHORT_SWITCH,
        offset_days=0,
        has_calendar=True,
        is_mandatory=True,
        sender=last.occurrence.message.sender if last is not None else None,
        acting_user=acting_user,
    )
    add_usual_languages(made, moved_text)
    return made


def _open_occurrence(
    message: Message,
    cohort: Cohort,
    participant: Participant,
    acting_user: "User | None",
    at: datetime,
) -> Occurrence:
    """The one of the cohort, locked and sending; the nth for somebody who comes for the nth time,
    because a person gets an occurrence once."""
    times = Delivery.objects.filter(
        participant=participant, occurrence__message=message, occurrence__cohort=cohort
    ).count()
    row, is_new = Occurrence.objects.get_or_create(
        message=message,
        anchor_key=f"cohort:{cohort.pk}:moved{times + 1}",
        defaults={
            "project": cohort.project,
            "cohort": cohort,
            "timezone": cohort.timezone,
            "due_at": at,
            "state": OccurrenceState.SENDING,
            "approved_by": acting_user,
            "approved_at": at,
            "approved_count": 0,
        },
    )
    # The worker that finishes it locks it as well, before it looks for rows.
    row.message, row.cohort, row.project = message, cohort, cohort.project
    occurrence = held(row)
    if not is_new and occurrence.state == OccurrenceState.DONE:
        change_status(
            occurrence,
            OccurrenceState.SENDING,
            transitions=OCCURRENCE_TRANSITIONS,
            field="state",
            finished_at=None,
        )
    return occurrence
