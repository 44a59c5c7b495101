"""A worker learns late that its mail did not leave, when the occurrence was finished without it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils.timezone import now

from communications.enums import DeliveryState, OccurrenceState
from communications.models import Delivery, Occurrence
from communications.queries.ledger import ledger_of
from communications.services.pipeline.books import Books
from communications.services.pipeline.claim import Claimed
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.outcomes import not_handed_over
from communications.services.pipeline.step import AFTER_THE_DOT, Mark, Outcome
from communications.services.pipeline.switch import ensure_switch
from tests.communications.pipeline import due_occurrence, run_worker
from tests.communications.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def late() -> Iterator[tuple[Books, Claimed]]:
    """A mail that was marked, and a worker that was held for dead: it is uncertain, all is done."""
    occurrence = due_occurrence(1)
    ensure_switch()
    keep_house()
    books = Books(60, lambda: False)
    (mail,) = books.claim(100).mails
    books.step(marks=[Mark(mail.pk, mail.occurrence.pk, 1, mail.address_key)])
    Delivery.objects.update(lease_until=now() - timedelta(minutes=1))
    keep_house()
    keep_house()
    assert (state(occurrence), Delivery.objects.get().state) == ("done", "uncertain")
    assert (ledger_of(occurrence.pk).total, ledger_of(occurrence.pk).unfinished) == (1, 0)
    yield books, mail
    books.close()


def state(occurrence: Occurrence) -> str:
    return Occurrence.objects.get(pk=occurrence.pk).state


def test_what_was_not_handed_over_after_all_is_sent(
    late: tuple[Books, Claimed], sink: Sink
) -> None:
    books, mail = late
    books.step(results=[not_handed_over(mail)])
    assert (state(mail.occurrence), Delivery.objects.get().state) == ("sending", "queued")
    Delivery.objects.update(not_before=now())
    assert run_worker() == {"sent": 1}
    assert (state(mail.occurrence), len(sink.mails)) == ("done", 1)


def test_what_arrived_after_all_leaves_it_done(late: tuple[Books, Claimed]) -> None:
    books, mail = late
    books.step(results=[Outcome(mail.pk, DeliveryState.SENT, AFTER_THE_DOT)])
    assert (state(mail.occurrence), Delivery.objects.get().state) == ("done", "sent")


def test_what_was_cancelled_stays_so(late: tuple[Books, Claimed]) -> None:
    books, mail = late
    Occurrence.objects.update(state=OccurrenceState.CANCELLED)
    books.step(results=[not_handed_over(mail)])
    assert state(mail.occurrence) == "cancelled"
