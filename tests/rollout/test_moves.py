"""Who moves to another date hears of it once, and gets nothing twice."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from accounts.models import User
from cohorts.exceptions import CohortFull
from cohorts.models import Cohort, Membership, Participant
from cohorts.queries.anchors import anchors_of
from cohorts.services.deferrals import ask_deferral
from communications.models import Delivery, Message, Occurrence
from communications.queries.audience import people_of
from communications.queries.dated import told_people, told_until
from communications.services.occurrences import create_occurrences
from communications.services.text import refuse_bad_text
from projects.models import Project
from rollout.services.moves import approve_deferral, choose_date, enter_deferral
from tests.communications.pipeline import run_worker
from tests.communications.sink import Sink
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import MessageFactory, OccurrenceFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sink(settings: Any) -> Any:
    with Sink() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def wave(project: Project, number: int) -> Cohort:
    day = date(2050, number, 1)
    return CohortFactory(
        project=project,
        name=f"Wave {number}",
        switch_on=day,
        ends_on=day + timedelta(days=14),
        is_bookable=True,
    )


@pytest.fixture
def first(project: Project) -> Cohort:
    return wave(project, 1)


@pytest.fixture
def second(project: Project) -> Cohort:
    return wave(project, 2)


@pytest.fixture
def person(first: Cohort) -> Participant:
    return MembershipFactory(cohort=first).participant


@pytest.fixture
def announcement(project: Project) -> Message:
    return MessageFactory(project=project, key="U1", title="Your date", body="On {switch_date}.")


@pytest.fixture
def reminder(project: Project) -> Message:
    return MessageFactory(project=project, key="U3", title="Soon", body="On {switch_date}.")


def send(message: Message, cohort: Cohort) -> Occurrence:
    occurrence = Occurrence.objects.filter(message=message, cohort=cohort).first()
    occurrence = occurrence or OccurrenceFactory(message=message, cohort=cohort)
    occurrence.state = "approved"
    occurrence.due_at = now() - timedelta(minutes=1)
    occurrence.not_after = now() + timedelta(days=3)
    occurrence.save()
    run_worker()
    return occurrence


def heard(person: Participant) -> list[tuple[str, str]]:
    """(message, cohort) of every mail that was sent to the person, in order."""
    rows = Delivery.objects.filter(participant=person, state="sent").order_by("pk")
    return list(rows.values_list("occurrence__message__title", "occurrence__cohort__name"))


def defer(person: Participant, to: Cohort, manager: User) -> None:
    enter_deferral(
        participant=person,
        reason="At sea.",
        until=date(2050, 12, 31),
        to_cohort=to,
        note="",
        acting_user=manager,
        at=now(),
    )


def test_deferred_person_hears_the_new_date_once_and_nothing_twice(
    sink: Sink,
    person: Participant,
    first: Cohort,
    second: Cohort,
    announcement: Message,
    reminder: Message,
    manager: User,
) -> None:
    others = [MembershipFactory(cohort=second).participant for _ in range(2)]
    send(announcement, first)
    planned = OccurrenceFactory(message=announcement, cohort=second, due_at=None, not_after=None)
    defer(person, second, manager)
    run_worker()
    told = [("Your date", "Wave 1"), ("Your new date", "Wave 2")]
    assert heard(person) == told
    assert "Tuesday 1 February 2050" in sink.mails[-1].raw
    send(announcement, second)
    assert heard(person) == told
    assert [heard(other) for other in others] == [[("Your date", "Wave 2")]] * 2
    row = Delivery.objects.get(participant=person, state="skipped")
    assert (row.occurrence, row.reason) == (planned, "had it with Wave 1")
    send(reminder, second)
    assert heard(person) == [*told, ("Soon", "Wave 2")]
    assert Membership.objects.get(participant=person).told_at is not None


def test_who_was_told_nothing_hears_of_the_new_date_with_the_others(
    sink: Sink, person: Participant, second: Cohort, announcement: Message
) -> None:
    choose_date(participant=person, cohort=second, at=now())
    run_worker()
    assert heard(person) == []
    send(announcement, second)
    assert heard(person) == [("Your date", "Wave 2")]


def test_who_comes_after_the_announcement_is_told_at_once(
    sink: Sink, person: Participant, second: Cohort, announcement: Message
) -> None:
    MembershipFactory(cohort=second)
    send(announcement, second)
    choose_date(participant=person, cohort=second, at=now())
    run_worker()
    assert heard(person) == [("Your new date", "Wave 2")]


def test_mail_of_the_old_date_that_waits_is_not_sent(
    sink: Sink,
    person: Participant,
    first: Cohort,
    second: Cohort,
    announcement: Message,
    reminder: Message,
) -> None:
    send(announcement, first)
    waiting = OccurrenceFactory(message=reminder, cohort=first, state="sending", not_after=None)
    Delivery.objects.create(occurrence=waiting, participant=person, recipient_key=f"p:{person.pk}")
    choose_date(participant=person, cohort=second, at=now())
    run_worker()
    assert heard(person) == [("Your date", "Wave 1"), ("Your new date", "Wave 2")]


def test_there_and_back_again_tells_each_new_date(
    sink: Sink, person: Participant, first: Cohort, second: Cohort, announcement: Message
) -> None:
    send(announcement, first)
    for cohort in (second, first, second):
        choose_date(participant=person, cohort=cohort, at=now())
        run_worker()
    told = [("Your new date", name) for name in ("Wave 2", "Wave 1", "Wave 2")]
    assert heard(person) == [("Your date", "Wave 1"), *told]


def test_back_before_the_mail_has_left_needs_no_mail(
    sink: Sink, person: Participant, first: Cohort, second: Cohort, announcement: Message
) -> None:
    send(announcement, first)
    choose_date(participant=person, cohort=second, at=now())
    choose_date(participant=person, cohort=first, at=now())
    run_worker()
    assert heard(person) == [("Your date", "Wave 1")]


def test_many_who_move_share_one_occurrence(
    sink: Sink, first: Cohort, second: Cohort, announcement: Message
) -> None:
    people = [MembershipFactory(cohort=first).participant for _ in range(3)]
    send(announcement, first)
    for person in people:
        choose_date(participant=person, cohort=second, at=now())
        run_worker()
    occurrence = Occurrence.objects.get(message__audience_kind="moved")
    assert (occurrence.state, occurrence.approved_count) == ("done", 3)
    assert set(people_of(occurrence, now())) == set(people)
    assert [heard(person)[-1] for person in people] == [("Your new date", "Wave 2")] * 3


def test_refused_move_tells_nobody(
    sink: Sink,
    person: Participant,
    first: Cohort,
    second: Cohort,
    announcement: Message,
    manager: User,
) -> None:
    send(announcement, first)
    MembershipFactory(cohort=second)
    Cohort.objects.filter(pk=second.pk).update(capacity=1)
    deferral = ask_deferral(participant=person, reason="At sea.", acting_user=None, at=now())
    with pytest.raises(CohortFull):
        approve_deferral(
            deferral=deferral,
            to_cohort=second,
            until=date(2050, 12, 31),
            note="",
            acting_user=manager,
            at=now(),
        )
    run_worker()
    assert heard(person) == [("Your date", "Wave 1")]


def test_later_move_of_the_cohort_corrects_the_new_date_too(
    sink: Sink, person: Participant, first: Cohort, second: Cohort, announcement: Message
) -> None:
    send(announcement, first)
    choose_date(participant=person, cohort=second, at=now())
    run_worker()
    assert list(told_people(second.pk, told_until(second, now()))) == [person]


def test_message_of_new_dates_is_planned_for_nobody(
    sink: Sink,
    person: Participant,
    first: Cohort,
    second: Cohort,
    announcement: Message,
) -> None:
    send(announcement, first)
    choose_date(participant=person, cohort=second, at=now())
    message = Message.objects.get(audience_kind="moved")
    refuse_bad_text(message, message.subject, message.body)
    wave(first.project, 3)
    create_occurrences(project=first.project, anchors=anchors_of(first.project), acting_user=None)
    assert list(message.occurrences.values_list("cohort__name", flat=True)) == ["Wave 2"]


def test_person_without_an_address_gets_a_row_that_says_so(
    sink: Sink, person: Participant, first: Cohort, second: Cohort, announcement: Message
) -> None:
    send(announcement, first)
    Participant.objects.filter(pk=person.pk).update(upn="", mail="")
    person.refresh_from_db()
    choose_date(participant=person, cohort=second, at=now())
    row = Delivery.objects.get(occurrence__message__audience_kind="moved")
    assert (row.state, row.reason) == ("skipped", "no address")
