"""What a worker sends next is fetched beside it: taken once, or given back."""

import time
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connection

from communications.models import Delivery
from communications.services.pipeline.books import Books
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.supply import FIRST_BATCH, Load, Supply
from communications.services.pipeline.switch import ensure_switch
from tests.communications.pipeline import due_occurrence

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 2 * FIRST_BATCH - 5


@pytest.fixture
def books() -> Iterator[Books]:
    due_occurrence(PEOPLE)
    ensure_switch()
    keep_house()
    books = Books(60, lambda: False)
    yield books
    books.close()


@pytest.fixture
def supply(books: Books) -> Iterator[Supply]:
    supply = Supply(books, 8, lambda: False)
    yield supply
    supply.close()


def fetched(supply: Supply) -> Load:
    while (load := supply.more()) is None:
        time.sleep(0.01)
    return load


def held() -> dict[str, int]:
    return dict(Counter(Delivery.objects.values_list("state", flat=True)))


def test_what_is_fetched_beside_is_taken_once(supply: Supply) -> None:
    taken = [draft.pk for _time in range(3) for draft in fetched(supply).drafts]
    assert sorted(taken) == sorted(Delivery.objects.values_list("pk", flat=True))
    assert (fetched(supply), held()) == (Load([], is_moved=False), {"claimed": PEOPLE})


def test_nobody_waits_for_it_unless_there_is_nothing_else_to_do(supply: Supply) -> None:
    first = supply.next()
    assert (supply.more(), supply.is_coming) == (None, True)
    second = supply.next()
    assert (len(first.drafts), len(second.drafts)) == (FIRST_BATCH, PEOPLE - FIRST_BATCH)
    assert (supply.is_coming, held()) == (False, {"claimed": PEOPLE})


def test_what_nobody_took_goes_back(books: Books) -> None:
    supply = Supply(books, 8, lambda: False)
    supply.more()
    while not Delivery.objects.filter(state="claimed").exists():
        time.sleep(0.01)
    supply.close()
    assert held() == {"queued": PEOPLE}
    assert not Delivery.objects.exclude(owner=None).exists()


def test_its_connection_is_closed(books: Books) -> None:
    before = sessions()
    supply = Supply(books, 8, lambda: False)
    fetched(supply)
    during = sessions()
    supply.close()
    assert (during - before, wait_for(before)) == (1, before)


def sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend'"
        )
        number: int = cursor.fetchone()[0]
    return number


def wait_for(number: int) -> int:
    """A server notices after a moment that a connection was closed."""
    until = time.monotonic() + 5
    while sessions() != number and time.monotonic() < until:
        time.sleep(0.01)
    return sessions()
