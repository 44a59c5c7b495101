"""Several people at one address: each gets their mail, or all of them one, as the project says."""

from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from cohorts.models import Participant
from communications.models import Delivery, Occurrence, SendingRules
from communications.queries.reach import examples, funnel, reached
from communications.services.pipeline.claim import claim
from communications.services.pipeline.expand import expand_all
from communications.services.pipeline.plan import start_due
from tests.communications.pipeline import add_people, due_occurrence, run_worker
from tests.communications.sink import Sink

SHARED = "desk@acme.example"
REASON = "somebody else at this address gets it"


@pytest.fixture
def occurrence() -> Occurrence:
    """Five people; the first, third and fourth share an address in three spellings."""
    made = due_occurrence(5)
    for place, spelling in ((0, SHARED), (2, "Desk@Acme.example"), (3, SHARED.upper())):
        Participant.objects.filter(pk=people_of(made)[place].pk).update(mail=spelling)
    return made


def people_of(occurrence: Occurrence) -> list[Participant]:
    return [m.participant for m in occurrence.cohort.memberships.order_by("pk")]


def one_mail(occurrence: Occurrence) -> None:
    SendingRules.objects.create(project=occurrence.project, is_one_an_address=True)


def rows(occurrence: Occurrence) -> list[tuple[str, str]]:
    found = Delivery.objects.filter(occurrence=occurrence).order_by("participant_id")
    return list(found.values_list("state", "reason"))


@pytest.mark.django_db
def test_everybody_gets_theirs_unless_somebody_says_so(occurrence: Occurrence, sink: Sink) -> None:
    assert funnel(occurrence, now()).reachable == 5
    run_worker()
    assert rows(occurrence) == [("sent", "")] * 5
    assert len(sink.mails) == 5


@pytest.mark.django_db
def test_one_mail_an_address_and_that_was_said_before(occurrence: Occurrence, sink: Sink) -> None:
    one_mail(occurrence)
    people = people_of(occurrence)
    before = funnel(occurrence, now())
    assert (before.total, before.shares, before.reachable) == (5, 2, 3)
    getting = reached(occurrence, now()).order_by("pk")
    assert [person.pk for person in getting] == [people[n].pk for n in (0, 1, 4)]
    assert {one.pk for one in examples(getting)} == {people[n].pk for n in (0, 1, 4)}

    run_worker()

    skipped = ("skipped", REASON)
    assert rows(occurrence) == [("sent", ""), ("sent", ""), skipped, skipped, ("sent", "")]
    assert sorted(mail.recipient.lower() for mail in sink.mails) == sorted(
        people_of(occurrence)[n].address.lower() for n in (0, 1, 4)
    )


@pytest.mark.django_db
def test_who_joins_later_finds_that_the_address_has_it(occurrence: Occurrence, sink: Sink) -> None:
    one_mail(occurrence)
    run_worker()
    (late,) = add_people(occurrence, 1)
    Participant.objects.filter(pk=late.pk).update(mail=SHARED)
    Delivery.objects.create(
        occurrence=occurrence, participant=late, recipient_key=f"p:{late.pk}", not_before=now()
    )
    Occurrence.objects.filter(pk=occurrence.pk).update(state="sending")
    run_worker()
    assert rows(occurrence)[-1] == ("skipped", REASON)
    assert len(sink.mails) == 3


@pytest.mark.django_db(transaction=True)
def test_while_one_worker_claims_another_takes_none_of_it(sink: Sink) -> None:
    """Both would else find the address free, for neither sees what the other writes."""
    occurrence = due_occurrence(2)
    Participant.objects.filter(project=occurrence.project).update(mail=SHARED)
    one_mail(occurrence)
    start_due(now())
    expand_all(now())
    found: list[list[int]] = []

    def other() -> None:
        found.append(claim_ids())
        connection.close()

    with transaction.atomic():
        mine = claim_ids(1)
        thread = Thread(target=other)
        thread.start()
        thread.join()
    assert (len(mine), found) == (1, [[]])
    assert claim_ids() == []
    assert sorted(rows(occurrence)) == [("claimed", ""), ("skipped", REASON)]


def claim_ids(size: int = 10) -> list[int]:
    return [mail.pk for mail in claim(uuid4(), size, 60).mails]
