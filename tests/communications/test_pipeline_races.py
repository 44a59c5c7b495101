"""Two at once: a withdrawal and a mark, a moved date and the planner, workers, a lost database."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from accounts.models import User
from cohorts.enums import ParticipantStatus
from cohorts.models import Participant
from communications.enums import DeliveryState, UncertainDecision
from communications.models import Delivery, Occurrence
from communications.services.outbox import resolve_uncertain, withdraw
from communications.services.pipeline.books import Books
from communications.services.pipeline.claim import Claimed
from communications.services.pipeline.expand import expand_all
from communications.services.pipeline.finish import finish_all
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.plan import start_due
from communications.services.pipeline.step import AFTER_THE_DOT, Mark, Outcome, Written
from communications.services.pipeline.switch import ensure_switch
from tests.communications.pipeline import add_people, due_occurrence, run_worker, states, the_row
from tests.communications.sink import Sink
from tests.factories.communications import DeliveryFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def elsewhere() -> Iterator[Callable[..., "Future[Any]"]]:
    """``elsewhere(fn)`` runs fn in another thread with its own database connection."""

    def closing(fn: Callable[[], Any]) -> Any:
        try:
            return fn()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        yield lambda fn: pool.submit(closing, fn)


def is_waiting(future: "Future[Any]") -> bool:
    """Whether it is still held up by a lock, after time enough to run through."""
    threading.Event().wait(0.3)
    return not future.done()


@contextmanager
def claimed(people: int = 1, lease_seconds: int = 60) -> Iterator[tuple[Books, Claimed]]:
    due_occurrence(people)
    ensure_switch()
    keep_house()
    books = Books(lease_seconds, lambda: False)
    (mail, *_others) = books.claim(100).mails
    yield books, mail


def marks(books: Books, mail: Claimed, revision: int) -> bool:
    written = books.step(marks=[Mark(mail.pk, mail.occurrence.pk, revision, mail.address_key)])
    return written is not None and mail.pk in written.marked


def test_a_mark_gives_way_to_a_withdrawal(elsewhere: Callable[..., Any]) -> None:
    """Without waiting for its commit: other connections have results to write."""
    with claimed() as (books, mail):
        with transaction.atomic():
            assert withdraw(reason="answered", participant_ids=[mail.recipient.pk]) == 1
            assert elsewhere(lambda: marks(books, mail, 1)).result(10) is False
        assert states(mail.occurrence) == {mail.recipient.key: "skipped"}


def test_a_result_waits_for_whoever_has_its_row(elsewhere: Callable[..., Any]) -> None:
    with claimed() as (books, mail):
        assert marks(books, mail, 1) is True
        truth = Outcome(mail.pk, DeliveryState.SENT, AFTER_THE_DOT)
        with transaction.atomic():
            Delivery.objects.select_for_update().get()
            written = elsewhere(lambda: books.step(results=[truth])).result(10)
            assert written == Written(frozenset(), frozenset(), (truth,))
            settling = elsewhere(lambda: books.settle([truth]))
            assert is_waiting(settling)
        settling.result(10)
        assert states(mail.occurrence) == {mail.recipient.key: "sent"}


def test_a_withdrawal_waits_for_a_mark_and_comes_too_late(elsewhere: Callable[..., Any]) -> None:
    with claimed() as (books, mail):
        with transaction.atomic():
            assert marks(books, mail, 1) is True
            withdrawing = elsewhere(
                lambda: withdraw(reason="answered", participant_ids=[mail.recipient.pk])
            )
            assert is_waiting(withdrawing)
        assert withdrawing.result(10) == 0
        assert states(mail.occurrence) == {mail.recipient.key: "sending"}


def test_of_a_mark_and_a_withdrawal_exactly_one_wins(elsewhere: Callable[..., Any]) -> None:
    with claimed(60) as (books, first):
        mails = [first, *books.claim(100).mails]
        rows = Delivery.objects.filter(owner=books.owner).values_list("pk", "participant")
        wins = {"sending": 0, "skipped": 0}
        for pk, person in rows:
            mail = first._replace(pk=pk)
            both = threading.Barrier(2)
            marking = elsewhere(lambda m=mail, b=both: (b.wait(), marks(books, m, 1))[1])
            taking = elsewhere(
                lambda p=person, b=both: (b.wait(), withdraw(reason="x", participant_ids=[p]))[1]
            )
            is_marked, taken = marking.result(10), taking.result(10)
            state = Delivery.objects.get(pk=pk).state
            assert (is_marked, taken, state) in ((True, 0, "sending"), (False, 1, "skipped"))
            wins[state] += 1
        assert (len(mails), sum(wins.values())) == (1, 60)


def test_nobody_is_collected_by_what_was_true_before_a_withdrawal(
    elsewhere: Callable[..., Any],
) -> None:
    occurrence = due_occurrence(1)
    start_due(now())
    person = Participant.objects.get()
    with transaction.atomic():
        Participant.objects.filter(pk=person.pk).update(status=ParticipantStatus.LEFT)
        assert withdraw(reason="left", participant_ids=[person.pk]) == 0
        # Another worker finds the occurrence held, and leaves it for its next round.
        assert elsewhere(lambda: expand_all(now())).result(10) == 0
    assert expand_all(now()) == 1
    assert states(occurrence) == {}


def test_a_withdrawal_waits_for_the_chunk_that_is_being_written(
    elsewhere: Callable[..., Any],
) -> None:
    occurrence = due_occurrence(1)
    start_due(now())
    person = Participant.objects.get()
    with transaction.atomic():
        expand_all(now())
        withdrawing = elsewhere(lambda: withdraw(reason="left", participant_ids=[person.pk]))
        assert is_waiting(withdrawing)
    assert withdrawing.result(10) == 1
    assert states(occurrence) == {f"p:{person.pk}": "skipped"}


def test_a_date_that_is_just_being_moved_does_not_fire(elsewhere: Callable[..., Any]) -> None:
    occurrence = due_occurrence(1)
    with transaction.atomic():
        Occurrence.objects.filter(pk=occurrence.pk).update(due_at=now() + timedelta(days=1))
        assert elsewhere(lambda: start_due(now())).result(10) == 0
    assert start_due(now()) == 0
    occurrence.refresh_from_db()
    assert occurrence.state == "approved"


def test_an_occurrence_is_not_done_while_somebody_queues_a_row_again(
    manager: User, elsewhere: Callable[..., Any]
) -> None:
    occurrence = due_occurrence(0, state="sending")
    DeliveryFactory(occurrence=occurrence, state=DeliveryState.UNCERTAIN)
    with transaction.atomic():
        again = UncertainDecision.SEND_AGAIN
        resolve_uncertain(occurrence=occurrence, decision=again, acting_user=manager)
        assert elsewhere(lambda: finish_all(now())).result(10) == 0
    assert finish_all(now()) == 0
    occurrence.refresh_from_db()
    assert occurrence.state == "sending"


def test_workers_that_start_at_once_send_each_mail_once(
    sink: Sink, elsewhere: Callable[..., Any]
) -> None:
    occurrence = due_occurrence(0)
    add_people(occurrence, 150)
    runs = [elsewhere(run_worker) for _worker in range(4)]
    sent = [run.result(60).get("sent", 0) for run in runs]
    run_worker()
    ids = [mail.message_id for mail in sink.mails]
    assert (len(ids), len(set(ids)), len({m.recipient for m in sink.mails})) == (150, 150, 150)
    assert sum(sent) <= 150
    occurrence.refresh_from_db()
    assert occurrence.state == "done"


def test_a_slow_answer_to_the_dot_keeps_the_lease(sink: Sink, settings: Any) -> None:
    settings.SEND_LEASE_SECONDS = 2
    due_occurrence(1)
    lefts: list[timedelta] = []

    def script(stage: str, text: str) -> str | None:
        if stage == "DOT":
            threading.Event().wait(3.5)
            lefts.append(Delivery.objects.get().lease_until - now())
            connection.close()
        return None

    sink.script = script
    assert run_worker() == {"sent": 1}
    assert lefts[0] > timedelta(0)


def test_a_mark_that_took_too_long_is_not_acted_on(elsewhere: Callable[..., Any]) -> None:
    """Another worker may hold us for dead by then: stopped, suspended, or held up by a lock."""
    with claimed(lease_seconds=2) as (books, mail):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE communications_suppression")
            marking = elsewhere(lambda: marks(books, mail, 1))
            threading.Event().wait(1.3)
        assert marking.result(10) is False
        assert the_row(mail.occurrence).state == "sending"


def cut_database(wanted: str, times: int) -> Callable[[str, str], str | None]:
    """The server in the middle of a conversation ends every other database connection."""
    left = [times]

    def script(stage: str, text: str) -> str | None:
        if stage == wanted and left[0]:
            left[0] -= 1
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND backend_type = 'client backend'"
                    " AND pid <> pg_backend_pid()"
                )
            connection.close()
        return None

    return script


def test_a_result_outlasts_a_lost_database(sink: Sink) -> None:
    occurrence = due_occurrence(3)
    sink.script = cut_database("DOT", 2)
    assert run_worker() == {"sent": 2, "queued": 1}  # the one that was just to be marked
    Delivery.objects.update(not_before=now())
    assert run_worker() == {"sent": 1}
    assert set(states(occurrence).values()) == {"sent"}
    assert len({mail.message_id for mail in sink.mails}) == len(sink.mails) == 3


def test_without_a_database_no_dot_is_sent(sink: Sink) -> None:
    occurrence = due_occurrence(1)
    sink.script = cut_database("DATA", 1)
    assert run_worker() == {"queued": 1}
    row = the_row(occurrence)
    assert (row.state, row.owner, sink.mails) == ("queued", None, [])
    assert sink.saw(lambda: sink.taken_back == 1)
    Delivery.objects.update(not_before=now())
    assert run_worker() == {"sent": 1}
