"""People are moved by the hundred while their cohort's mails leave: nobody waits in a circle.

A move holds memberships and then asks for mails that wait; a result holds its mail and then notes
at the membership that the person was told. Both lock memberships first, mails second.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction

from cohorts.models import Cohort, Membership
from communications.enums import DeliveryState
from communications.models import Delivery, Occurrence
from communications.services.pipeline.books import Books
from communications.services.pipeline.claim import Claimed
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.step import AFTER_THE_DOT, Mark, Outcome, Written
from communications.services.pipeline.switch import ensure_switch
from tests.communications.pipeline import due_occurrence, step
from tests.factories.cohorts import CohortFactory

pytestmark = pytest.mark.django_db(transaction=True)
MOVES = 60


@pytest.fixture
def elsewhere() -> Iterator[Callable[..., "Future[Any]"]]:
    def closing(fn: Callable[[], Any]) -> Any:
        try:
            return fn()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        yield lambda fn: pool.submit(closing, fn)


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def claimed(people: int) -> tuple[Books, Occurrence, list[Claimed]]:
    occurrence = due_occurrence(people)
    ensure_switch()
    keep_house()
    books = Books(60, lambda: False)
    return books, occurrence, list(books.claim(100).mails)


def mark_of(mail: Claimed) -> Mark:
    return Mark(mail.pk, mail.occurrence.pk, 1, mail.address_key)


def truth_of(mail: Claimed) -> Outcome:
    return Outcome(mail.pk, DeliveryState.SENT, AFTER_THE_DOT)


def test_a_result_waits_without_a_mail_in_its_hands(elsewhere: Callable[..., Any]) -> None:
    """One mail is to be written down, another to be marked, and both people are being moved."""
    books, occurrence, (done, next_one) = claimed(2)
    other = CohortFactory(project=occurrence.project)
    assert books.step(marks=[mark_of(done)]) == Written(frozenset([done.pk]), frozenset())
    before = deadlocks()
    with transaction.atomic():
        list(Membership.objects.select_for_update())
        truth = truth_of(done)
        both = {"results": [truth], "marks": [mark_of(next_one)]}
        written = elsewhere(lambda: books.step(**both)).result(10)
        assert written == Written(frozenset(), frozenset(), (truth,))
        settling = elsewhere(lambda: books.settle([truth]))
        Membership.objects.update(cohort=other)
        threading.Event().wait(0.3)
        assert not settling.done()
    settling.result(10)
    assert step(books.owner, marks=[mark_of(next_one)]) == Written(frozenset(), frozenset())
    assert dict(Delivery.objects.values_list("pk", "state")) == {
        done.pk: "sent",
        next_one.pk: "skipped",
    }
    assert (Membership.objects.filter(told_at__isnull=False).count(), deadlocks()) == (0, before)


def test_a_result_that_had_to_wait_still_tells(elsewhere: Callable[..., Any]) -> None:
    books, _occurrence, (mail,) = claimed(1)
    books.step(marks=[mark_of(mail)])
    with transaction.atomic():
        Membership.objects.update(observed_mode="islands")
        truth = truth_of(mail)
        assert elsewhere(lambda: books.step(results=[truth])).result(10) == Written(
            frozenset(), frozenset(), (truth,)
        )
        settling = elsewhere(lambda: books.settle([truth]))
    settling.result(10)
    assert (Delivery.objects.get().state, Membership.objects.get().told_at is None) == (
        "sent",
        False,
    )


def move_about(cohorts: list[Cohort], is_over: threading.Event) -> int:
    """30 people at once to one of ``cohorts``, again and again; how often."""
    chance, moves = Random(3), 0  # noqa: S311 - repeatable, not secret
    people = list(Membership.objects.values_list("pk", flat=True))
    while not is_over.is_set() or moves < MOVES:
        some = chance.sample(people, 30)
        Membership.objects.filter(pk__in=some).update(cohort=chance.choice(cohorts))
        moves += 1
    return moves


def test_everybody_is_moved_back_and_forth_while_mails_leave(
    elsewhere: Callable[..., Any],
) -> None:
    books, occurrence, mails = claimed(100)
    cohorts = [occurrence.cohort, CohortFactory(project=occurrence.project)]
    is_over, before = threading.Event(), deadlocks()
    moving = elsewhere(lambda: move_about(cohorts, is_over))
    handed: list[Claimed] = []
    waiting = list(mails)
    try:
        while waiting or handed:
            at_dot, waiting = waiting[:8], waiting[8:]
            marks = [mark_of(mail) for mail in at_dot]
            written = books.step(results=[truth_of(mail) for mail in handed], marks=marks)
            assert written is not None
            if written.unsettled:
                assert written.marked == frozenset()
                books.settle(written.unsettled)
                written = books.step(marks=marks)
                assert written is not None
            handed = [mail for mail in at_dot if mail.pk in written.marked]
    finally:
        is_over.set()
    assert moving.result(60) >= MOVES
    assert deadlocks() == before
    states = set(Delivery.objects.values_list("state", flat=True))
    assert states <= {"sent", "skipped", "claimed"}
    told = Membership.objects.filter(cohort=occurrence.cohort, told_at__isnull=False)
    sent = Delivery.objects.filter(state="sent", participant__memberships__cohort=occurrence.cohort)
    assert set(told.values_list("participant", flat=True)) == set(
        sent.values_list("participant", flat=True)
    )
