"""From approval to the server, and who does not get it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from cohorts.enums import ParticipantStatus
from cohorts.models import Participant
from communications.enums import DeliveryState, OccurrenceState
from communications.models import Delivery, SendSwitch
from communications.queries.ledger import ledger_of, ledger_of_project
from communications.rendering import read_mail
from communications.services.pipeline.expand import expand_chunk
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.switch import ensure_switch, is_on, set_switch
from projects.models import Event
from tests.communications.pipeline import add_people, due_occurrence, run_worker, states, the_row
from tests.communications.sink import Sink
from tests.factories.communications import SuppressionFactory

pytestmark = pytest.mark.django_db


def test_each_person_gets_one_mail_with_the_number_of_the_row(sink: Sink) -> None:
    occurrence = due_occurrence(3)
    assert run_worker() == {"sent": 3}
    rows = Delivery.objects.filter(occurrence=occurrence).select_related("participant")
    assert sorted((mail.recipient, mail.message_id) for mail in sink.mails) == sorted(
        (row.participant.upn, f"<{row.message_id}@localhost>") for row in rows
    )
    assert {(r.state, r.address, r.attempts, r.content_revision, r.smtp_code) for r in rows} == {
        ("sent", row.participant.upn, 1, 1, 250) for row in rows
    }
    assert all(row.sent_at and row.owner is None and row.lease_until is None for row in rows)
    occurrence.refresh_from_db()
    assert (occurrence.state, occurrence.finished_at is not None) == (OccurrenceState.DONE, True)
    assert Event.objects.get(verb="occurrence.done").data == {"sent": 3, "other": 0}


def test_a_mail_says_that_nobody_wrote_it_and_to_whom_it_goes(sink: Sink) -> None:
    occurrence = due_occurrence(1)
    run_worker()
    raw = sink.mails[0].raw.encode()
    person = Participant.objects.get(memberships__cohort=occurrence.cohort)
    assert read_mail(raw).to == f"{person.display_name} <{person.upn}>"
    assert raw.count(b"Auto-Submitted: auto-generated\r\n") == 1


def test_a_second_run_sends_nothing(sink: Sink) -> None:
    due_occurrence(2)
    run_worker()
    assert run_worker() == {}
    assert len(sink.mails) == 2


def test_nobody_in_the_cohort_is_nobody(sink: Sink) -> None:
    occurrence = due_occurrence(0)
    assert run_worker() == {}
    occurrence.refresh_from_db()
    assert (occurrence.state, sink.mails) == (OccurrenceState.DONE, [])


def test_who_may_not_get_it_is_skipped_with_a_reason(sink: Sink) -> None:
    occurrence = due_occurrence(1)
    nowhere, bounced, broken = add_people(occurrence, 3)
    Participant.objects.filter(pk=nowhere.pk).update(upn="", mail="")
    SuppressionFactory(address_key="bounced@example.org", reason="bounced twice")
    Participant.objects.filter(pk=bounced.pk).update(mail="Bounced@Example.org")
    Participant.objects.filter(pk=broken.pk).update(mail="jürgen@example.org")
    assert run_worker() == {"sent": 1, "skipped": 1, "failed": 1}
    reasons = dict(
        Delivery.objects.exclude(state=DeliveryState.SENT).values_list("participant", "reason")
    )
    assert reasons == {
        nowhere.pk: "no address",
        bounced.pk: "suppressed: bounced twice",
        broken.pk: "The address cannot be used for mail. Correct it in the roster.",
    }
    assert ledger_of(occurrence.pk).total == 4


def test_a_suppression_that_ended_stops_nobody(sink: Sink) -> None:
    occurrence = due_occurrence(1)
    person = Participant.objects.get(memberships__cohort=occurrence.cohort)
    SuppressionFactory(address_key=person.upn, until=now() - timedelta(days=1))
    assert run_worker() == {"sent": 1}


@pytest.mark.parametrize("allow_list", [["@ELSEWHERE.example"], ["!@example.org"]])
def test_the_allow_list_holds_everybody_else_back(
    sink: Sink, settings: Any, allow_list: list[str]
) -> None:
    occurrence = due_occurrence(2)
    one, other = Participant.objects.filter(memberships__cohort=occurrence.cohort)
    Participant.objects.filter(pk=other.pk).update(mail="kept@elsewhere.example")
    settings.MAIL_ALLOW_LIST = allow_list
    assert run_worker() == {"sent": 1, "skipped": 1}
    assert [mail.recipient for mail in sink.mails] == ["kept@elsewhere.example"]
    row = Delivery.objects.get(participant=one)
    assert (row.state, row.reason) == ("skipped", "held back: not on the allow list")


def test_mail_goes_where_the_person_is_at_the_claim(sink: Sink) -> None:
    occurrence = due_occurrence(1)
    keep_house()
    Participant.objects.update(mail="moved@example.org")
    run_worker()
    assert [mail.recipient for mail in sink.mails] == ["moved@example.org"]
    assert the_row(occurrence).address == "moved@example.org"


def test_who_left_between_the_list_and_the_claim_is_skipped(sink: Sink) -> None:
    occurrence = due_occurrence(2)
    keep_house()
    gone, _stays = Participant.objects.order_by("pk")
    Participant.objects.filter(pk=gone.pk).update(status=ParticipantStatus.LEFT)
    run_worker()
    row = Delivery.objects.get(participant=gone)
    assert (row.state, row.address in {mail.recipient for mail in sink.mails}) == ("skipped", False)
    assert ledger_of(occurrence.pk)[DeliveryState.SENT] == 1


def test_an_erased_person_is_skipped_and_the_row_stays(sink: Sink) -> None:
    occurrence = due_occurrence(1)
    keep_house()
    Delivery.objects.update(participant=None)
    assert run_worker() == {"skipped": 1}
    assert (the_row(occurrence).reason, sink.mails) == ("the person was removed", [])


def test_a_row_that_cannot_be_built_fails_alone(sink: Sink) -> None:
    occurrence = due_occurrence(2, message__body="Hello {person_name}, see {survey_link}")
    assert run_worker() == {"failed": 2}
    assert the_reasons(occurrence) == {"{survey_link} has no value for this person."}
    assert sink.mails == []


def the_reasons(occurrence: object) -> set[str]:
    return set(Delivery.objects.filter(occurrence=occurrence).values_list("reason", flat=True))


def test_expanding_twice_adds_nothing(sink: Sink) -> None:
    occurrence = due_occurrence(3)
    keep_house()
    before = states(occurrence)
    type(occurrence).objects.update(state=OccurrenceState.EXPANDING, expansion_cursor=0)
    assert expand_chunk(occurrence.pk, now()) is True
    assert states(occurrence) == before
    assert len(before) == 3


def test_one_urgent_mail_passes_a_big_one(sink: Sink) -> None:
    due_occurrence(150)
    keep_house()
    urgent = due_occurrence(1)
    run_worker()
    position = [mail.recipient for mail in sink.mails].index(the_row(urgent).address)
    assert position < 100
    assert len(sink.mails) == 151


@pytest.mark.parametrize(
    ("path", "stopped"),
    [
        ("project.status", "paused"),
        ("project.status", "closed"),
        ("message.status", "paused"),
        ("message.status", "cancelled"),
        ("state", "cancelled"),
    ],
)
def test_what_is_stopped_sends_nothing_until_it_goes_on(
    sink: Sink, path: str, stopped: str
) -> None:
    occurrence = due_occurrence(1)
    keep_house()
    occurrence.refresh_from_db()
    owner, column = occurrence, path.rpartition(".")[2]
    if "." in path:
        owner = getattr(occurrence, path.partition(".")[0])
    rows = type(owner).objects.filter(pk=owner.pk)
    before = getattr(owner, column)
    rows.update(**{column: stopped})
    assert (run_worker(), the_row(occurrence).state, sink.mails) == ({}, "queued", [])
    rows.update(**{column: before})
    assert run_worker() == {"sent": 1}


@pytest.mark.parametrize(
    "elsewhere", [{"is_on": False}, {"database_oid": 1}, {"system_identifier": "7"}]
)
def test_a_restored_copy_sends_nothing_until_it_is_turned_on(
    sink: Sink, elsewhere: dict[str, object]
) -> None:
    due_occurrence(1)
    ensure_switch()
    SendSwitch.objects.update(**elsewhere)
    assert (run_worker(), is_on(), sink.mails) == ({}, False, [])
    set_switch(is_on=True)
    assert (run_worker(), is_on()) == ({"sent": 1}, True)


def test_the_ledger_adds_up_in_two_queries(sink: Sink, django_assert_num_queries: object) -> None:
    occurrence = due_occurrence(3)
    run_worker()
    due_occurrence(2, message=occurrence.message)
    keep_house()
    with django_assert_num_queries(2):
        whole = ledger_of_project(occurrence.project)
    assert (whole[DeliveryState.SENT], whole[DeliveryState.QUEUED], whole.total) == (3, 2, 5)
    assert (whole.finished, whole.unfinished) == (3, 2)
