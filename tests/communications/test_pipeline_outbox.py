"""Withdrawing, deciding about what is uncertain, trying again what failed."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Participant
from communications.enums import DeliveryState, UncertainDecision
from communications.exceptions import OutboxRefused
from communications.models import Delivery, Occurrence
from communications.services.outbox import resolve_uncertain, retry_failed, withdraw
from communications.services.pipeline.house import keep_house
from projects.models import Event
from tests.communications.pipeline import due_occurrence, run_worker, states, the_row
from tests.communications.sink import Sink
from tests.factories.communications import DeliveryFactory

pytestmark = pytest.mark.django_db


def done_with(state: DeliveryState, number: int = 1) -> Occurrence:
    occurrence = due_occurrence(number, state="done", finished_at=now())
    for person in Participant.objects.filter(memberships__cohort=occurrence.cohort):
        DeliveryFactory(occurrence=occurrence, participant=person, state=state, attempts=3)
    return occurrence


@pytest.mark.parametrize("state", list(DeliveryState))
def test_only_what_is_not_marked_is_withdrawn(state: DeliveryState) -> None:
    row = DeliveryFactory(state=state)
    wanted = state in (DeliveryState.QUEUED, DeliveryState.CLAIMED)
    assert withdraw(reason="answered", participant_ids=[row.participant_id]) == int(wanted)
    row.refresh_from_db()
    expected = ("skipped", "answered") if wanted else (state, "")
    assert (row.state, row.reason) == expected


def test_a_withdrawal_can_be_for_some_people_and_some_mails_only() -> None:
    row, other_person = DeliveryFactory(), DeliveryFactory()
    other_mail = DeliveryFactory(participant=row.participant)
    people = Participant.objects.filter(pk=row.participant_id)
    ids = [row.occurrence_id]
    assert withdraw(reason="answered", participant_ids=people, occurrence_ids=ids) == 1
    messages = [other_person.occurrence.message_id]
    assert withdraw(reason="left", participant_ids=people, message_ids=messages) == 0
    assert withdraw(reason="left", participant_ids=[]) == 0
    assert dict(Delivery.objects.values_list("pk", "state")) == {
        row.pk: "skipped",
        other_person.pk: "queued",
        other_mail.pk: "queued",
    }


def test_a_withdrawn_row_is_never_sent(sink: Sink) -> None:
    occurrence = due_occurrence(2)
    keep_house()
    gone = Participant.objects.filter(memberships__cohort=occurrence.cohort).first()
    withdraw(reason="answered", participant_ids=[gone.pk])
    assert run_worker() == {"sent": 1}
    assert states(occurrence)[f"p:{gone.pk}"] == "skipped"


def test_an_uncertain_mail_is_sent_again_with_its_number(sink: Sink, manager: User) -> None:
    occurrence = done_with(DeliveryState.UNCERTAIN)
    number = the_row(occurrence).message_id
    again = UncertainDecision.SEND_AGAIN
    assert resolve_uncertain(occurrence=occurrence, decision=again, acting_user=manager) == 1
    occurrence.refresh_from_db()
    assert (occurrence.state, occurrence.finished_at) == ("sending", None)
    assert run_worker() == {"sent": 1}
    assert [mail.message_id for mail in sink.mails] == [f"<{number}@localhost>"]
    occurrence.refresh_from_db()
    assert occurrence.state == "done"
    event = Event.objects.get(verb="occurrence.resolved")
    assert (event.actor, event.data) == (manager, {"mails": 1})


def test_one_of_two_uncertain_mails_is_treated_as_sent(sink: Sink, manager: User) -> None:
    occurrence = done_with(DeliveryState.UNCERTAIN, 2)
    one, other = Delivery.objects.order_by("pk")
    resolve_uncertain(
        occurrence=occurrence,
        decision=UncertainDecision.TREAT_AS_SENT,
        acting_user=manager,
        delivery=one,
    )
    assert states(occurrence) == {one.recipient_key: "sent", other.recipient_key: "uncertain"}
    one.refresh_from_db()
    assert (one.reason, one.sent_at, run_worker(), sink.mails) == ("treated as sent", None, {}, [])


def test_deciding_twice_is_refused(manager: User) -> None:
    occurrence = done_with(DeliveryState.UNCERTAIN)
    as_sent = UncertainDecision.TREAT_AS_SENT
    resolve_uncertain(occurrence=occurrence, decision=as_sent, acting_user=manager)
    for decision in UncertainDecision:
        with pytest.raises(OutboxRefused, match="Nothing is uncertain here any more"):
            resolve_uncertain(occurrence=occurrence, decision=decision, acting_user=manager)
    with pytest.raises(OutboxRefused, match="Nothing has failed here"):
        retry_failed(occurrence=occurrence, acting_user=manager)


def test_a_row_of_another_occurrence_is_not_touched(manager: User) -> None:
    mine, foreign = done_with(DeliveryState.UNCERTAIN), done_with(DeliveryState.UNCERTAIN)
    with pytest.raises(OutboxRefused):
        resolve_uncertain(
            occurrence=mine,
            decision=UncertainDecision.TREAT_AS_SENT,
            acting_user=manager,
            delivery=the_row(foreign),
        )
    assert the_row(foreign).state == "uncertain"


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.QUARANTINED])
def test_what_failed_is_tried_again_with_new_time(
    sink: Sink, manager: User, state: DeliveryState
) -> None:
    occurrence = done_with(state)
    Occurrence.objects.update(not_after=now() - timedelta(days=9))
    assert retry_failed(occurrence=occurrence, acting_user=manager) == 1
    assert run_worker() == {"sent": 1}
    assert the_row(occurrence).attempts == 1


def test_nothing_of_a_cancelled_occurrence_is_queued_again(manager: User) -> None:
    occurrence = done_with(DeliveryState.UNCERTAIN)
    Occurrence.objects.update(state="cancelled")
    again = UncertainDecision.SEND_AGAIN
    with pytest.raises(OutboxRefused, match="cancelled"):
        resolve_uncertain(occurrence=occurrence, decision=again, acting_user=manager)
    as_sent = UncertainDecision.TREAT_AS_SENT
    assert resolve_uncertain(occurrence=occurrence, decision=as_sent, acting_user=manager) == 1
