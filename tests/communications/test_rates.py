"""Limits of the sender: so many a second, so many an hour, shared by everybody who sends."""

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils.timezone import now

from communications.models import Delivery, Sender
from communications.services.pipeline import rates
from communications.services.pipeline.claim import _with_work
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.rates import Given, give_back, take
from tests.communications.pipeline import due_occurrence, new_worker, run_worker
from tests.communications.sink import Sink

pytestmark = pytest.mark.django_db


def sender(**limits: Any) -> Sender:
    return Sender.objects.create(name="default", **limits)


def a_moment_later(seconds: float) -> None:
    """As if that time had passed since the last look."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE communications_sender SET tokens_at = tokens_at - %s * interval '1 second'",
            [seconds],
        )


def test_without_limits_everything_is_given_and_nothing_counted() -> None:
    assert take(100) == Given(100)
    row = sender(connections=2)
    assert take(100) == Given(100)
    row.refresh_from_db()
    assert (row.tokens, row.lately) == (None, {})


def test_a_second_has_half_a_second_at_once_and_fills_up_no_further() -> None:
    sender(per_second=20)
    assert [take(100).number, take(100).number] == [10, 0]
    a_moment_later(0.25)
    assert take(100) == Given(5)
    a_moment_later(3600)
    assert [take(4).number, take(100).number, take(1)] == [4, 6, Given(0)]


def test_one_a_second_is_one_a_second() -> None:
    sender(per_second=1)
    assert [take(9).number, take(9).number] == [1, 0]
    a_moment_later(1)
    assert take(9) == Given(1)


def test_what_was_not_needed_is_given_back() -> None:
    row = sender(per_second=20, per_hour=10)
    assert take(8) == Given(8)
    give_back(5)
    row.refresh_from_db()
    assert list(row.lately.values()) == [3]
    assert take(100) == Given(7)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    sender(per_second=20)
    take(100)
    a_moment_later(-3600)
    assert take(100) == Given(0)
    a_moment_later(0.5)
    assert take(100) == Given(10)


def test_an_hour_is_the_last_sixty_minutes_and_this_one() -> None:
    this = int(now().timestamp() // 60)
    row = sender(per_hour=100, lately={str(this - 61): 90, str(this - 60): 30, str(this - 1): 40})
    assert take(50) == Given(30)
    row.refresh_from_db()
    assert sum(row.lately.values()) == 100
    assert str(this - 61) not in row.lately
    assert take(50) == Given(0, is_hour_over=True)


def test_the_hour_ends_a_run_and_the_rest_waits(sink: Sink) -> None:
    sender(per_hour=3)
    due_occurrence(5)
    assert run_worker() == {"sent": 3}
    assert run_worker() == {}
    assert Delivery.objects.filter(state="queued").count() == 2
    Sender.objects.update(lately={})
    assert run_worker() == {"sent": 2}


def test_a_run_waits_for_the_second(sink: Sink) -> None:
    sender(per_second=4)
    due_occurrence(5)
    assert run_worker() == {"sent": 5}


def test_who_has_nothing_to_send_takes_nothing(sink: Sink) -> None:
    row = sender(per_hour=50, per_second=20)
    due_occurrence(2)
    run_worker()
    row.refresh_from_db()
    assert sum(row.lately.values()) == 2


def test_few_tokens_are_never_more_mails(sink: Sink) -> None:
    """More occurrences with work than mails that may leave: one for each would be too many."""
    sender(per_hour=3)
    for _occurrence in range(6):
        due_occurrence(2)
    assert run_worker() == {"sent": 3}


def test_what_a_person_ordered_now_comes_first_mostly_and_starves_nobody() -> None:
    """Where one mail may leave: without a preference each would have its turn one time in eight."""
    bulk = [due_occurrence(2) for _number in range(7)]
    urgent = due_occurrence(1, ordered_at=now() - timedelta(seconds=1))
    keep_house()
    turns = Counter(pk for _turn in range(200) for pk in _with_work(1, None))
    assert set(turns) == {urgent.pk, *(one.pk for one in bulk)}
    assert turns[urgent.pk] > 50


def test_a_worker_without_limits_asks_nothing_more(sink: Sink, monkeypatch: Any) -> None:
    asked: list[int] = []
    monkeypatch.setattr(rates, "take", asked.append)
    sender(connections=1, per_second=None, per_hour=None)
    due_occurrence(3)
    assert run_worker() == {"sent": 3}
    assert asked == []


def test_connections_and_pipelining_are_the_rows(sink: Sink) -> None:
    sink.usual["EHLO"] = "250-sink\r\n250 PIPELINING"
    sender(connections=1, uses_pipelining=False)
    due_occurrence(40)
    assert run_worker() == {"sent": 40}
    assert sink.connections == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_workers_share_what_a_second_allows(sink: Sink) -> None:
    """By the server's own clock; a group that was held up on its way may meet the next one."""
    sender(per_second=20)
    occurrence = due_occurrence(70)

    def work() -> None:
        new_worker().run(30, is_patient=True)
        connections.close_all()

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(mail.at for mail in sink.mails)
    assert len({mail.recipient for mail in sink.mails}) == len(times) == 70
    most = max(sum(1 for t in times if start <= t < start + 1) for start in times)
    assert most <= 20 + 10 + 5
    assert Delivery.objects.filter(occurrence=occurrence, state="sent").count() == 70


@pytest.mark.django_db(transaction=True)
def test_nobody_takes_the_same_token_twice() -> None:
    sender(per_hour=100)
    given: list[int] = []

    def work() -> None:
        given.extend(take(3).number for _turn in range(12))
        connections.close_all()

    threads = [threading.Thread(target=work) for _worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(given), len(given)) == (100, 96)
    assert sum(Sender.objects.get().lately.values()) == 100
