"""Somebody says "no mail to this address" while a worker is about to hand one over."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from communications.models import Delivery, Suppression
from communications.services.pipeline.books import Books
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.step import Mark
from communications.services.pipeline.switch import ensure_switch
from communications.services.suppressions import suppress
from tests.communications.pipeline import due_occurrence

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 40


def test_nothing_is_marked_after_the_commit_that_stopped_an_address() -> None:
    due_occurrence(PEOPLE)
    ensure_switch()
    keep_house()
    books = Books(60, lambda: False)
    first = books.claim(100).mails[0]
    rows = list(Delivery.objects.filter(owner=books.owner).select_related("participant"))
    wins = {"sending": 0, "skipped": 0}
    with ThreadPoolExecutor(2) as pool:
        for row in rows:
            both = threading.Barrier(2)
            mail = first._replace(pk=row.pk, address_key=row.participant.address.lower())
            marking = pool.submit(_closing, both, lambda m=mail: _marks(books, m))
            stopping = pool.submit(_closing, both, lambda one=row.participant.address: _stop(one))
            is_marked = marking.result(10)
            stopping.result(10)
            state = Delivery.objects.get(pk=row.pk).state
            assert (is_marked, state) in ((True, "sending"), (False, "skipped"))
            wins[state] += 1
    assert sum(wins.values()) == len(rows) == PEOPLE
    assert Suppression.objects.count() == PEOPLE


def _marks(books: Books, mail: Any) -> bool:
    written = books.step(marks=[Mark(mail.pk, mail.occurrence.pk, 1, mail.address_key)])
    return written is not None and mail.pk in written.marked


def _stop(address: str) -> None:
    suppress(address=address, reason="asked", acting_user=None)


def _closing(both: threading.Barrier, work: Any) -> Any:
    try:
        both.wait()
        return work()
    finally:
        connection.close()
