"""A person decides about a message at the moment a worker moves it on, for it is late or due.

Nobody else decided anything, so nobody is told that somebody did: the person's word holds.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from accounts.models import User
from common.exceptions import StaleState
from communications.enums import Channel, LatePolicy, MessageStatus, OccurrenceState
from communications.models import Delivery, Occurrence
from communications.services.approval import approve_occurrence
from communications.services.cancelling import cancel_occurrence
from communications.services.catching_up import send_to_late
from communications.services.items import tick_item
from communications.services.pausing import cancel_message
from communications.services.pipeline.finish import finish_all
from communications.services.pipeline.pause import pause_by_itself
from communications.services.pipeline.plan import mark_missed, start_due
from tests.communications.pipeline import add_people, due_occurrence, run_worker
from tests.communications.sink import Sink
from tests.factories.communications import DeliveryFactory, OccurrenceFactory

pytestmark = pytest.mark.django_db(transaction=True)
LATE = {
    "wall_at": None,
    "due_at": now() - timedelta(days=9),
    "not_after": now() - timedelta(days=6),
}
# By whom, for other processes race in databases of their own on the same server.
WAITS_FOR_US = """
    SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""


def beside(worker: Callable[[], object], person: Callable[[], object]) -> Any:
    """What ``person`` gets, who presses the button while the worker has not committed."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            worker()
            pressed = pool.submit(closing, person)
            wait_until_blocked(pressed)
        return pressed.result(10)


def closing(work: Callable[[], object]) -> object:
    try:
        return work()
    finally:
        connection.close()


def wait_until_blocked(pressed: "Future[object]") -> None:
    end = time.monotonic() + 10
    with connection.cursor() as cursor:
        while not pressed.done() and time.monotonic() < end:
            cursor.execute(WAITS_FOR_US)
            if cursor.rowcount:
                return
            time.sleep(0.01)
    raise AssertionError("Nobody waited, so nothing was raced.")


def stored(occurrence: Occurrence) -> Occurrence:
    return Occurrence.objects.get(pk=occurrence.pk)


def test_what_is_approved_as_it_is_found_missed_goes_out_now(manager: User) -> None:
    occurrence = due_occurrence(1, state=OccurrenceState.PLANNED, **LATE)
    at = now()
    beside(
        lambda: mark_missed(at),
        lambda: approve_occurrence(occurrence=occurrence, acting_user=manager, at=at),
    )
    row = stored(occurrence)
    assert (row.state, row.due_at, row.approved_by) == (OccurrenceState.APPROVED, at, manager)
    verbs = row.project.events.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["occurrence.missed", "occurrence.approved"]


def test_of_two_people_one_approves(manager: User) -> None:
    occurrence = due_occurrence(1, state=OccurrenceState.PLANNED)
    same = stored(occurrence)

    def again() -> object:
        with pytest.raises(StaleState, match="It is approved already"):
            approve_occurrence(occurrence=same, acting_user=manager)

    beside(lambda: approve_occurrence(occurrence=occurrence, acting_user=manager), again)
    assert occurrence.project.events.count() == 1


def test_what_begins_as_it_is_cancelled_is_cancelled(manager: User) -> None:
    occurrence = due_occurrence(1)
    beside(
        lambda: start_due(now()),
        lambda: cancel_occurrence(occurrence=occurrence, acting_user=manager),
    )
    assert stored(occurrence).state == OccurrenceState.CANCELLED


def test_a_message_is_cancelled_while_one_of_its_sendings_ends(manager: User) -> None:
    ends = due_occurrence(state=OccurrenceState.SENDING)
    goes_on = due_occurrence(message=ends.message, state=OccurrenceState.SENDING)
    DeliveryFactory(occurrence=ends, state="sent")
    waiting = DeliveryFactory(occurrence=goes_on, state="queued")
    beside(
        lambda: finish_all(now()),
        lambda: cancel_message(message=ends.message, acting_user=manager),
    )
    ends.message.refresh_from_db()
    assert ends.message.status == MessageStatus.CANCELLED
    found = (stored(ends).state, stored(goes_on).state, Delivery.objects.get(pk=waiting.pk).state)
    assert found == (OccurrenceState.DONE, OccurrenceState.CANCELLED, "cancelled")


def test_a_message_is_cancelled_while_it_stops_by_itself(manager: User) -> None:
    occurrence = due_occurrence(1)
    beside(
        lambda: pause_by_itself(occurrence.message_id, "Too many were refused."),
        lambda: cancel_message(message=occurrence.message, acting_user=manager),
    )
    occurrence.message.refresh_from_db()
    assert occurrence.message.status == MessageStatus.CANCELLED
    assert stored(occurrence).state == OccurrenceState.CANCELLED


def test_what_is_ticked_off_as_it_is_found_missed_is_done(manager: User) -> None:
    poster = OccurrenceFactory(message__channel=Channel.POSTER, **LATE)
    beside(lambda: mark_missed(now()), lambda: tick_item(occurrence=poster, acting_user=manager))
    assert stored(poster).state == OccurrenceState.DONE


def test_latecomers_get_theirs_though_a_worker_looks_at_it_just_now(
    sink: Sink, manager: User
) -> None:
    occurrence = due_occurrence(1, message__late_policy=LatePolicy.SEND)
    run_worker()
    add_people(occurrence, 1)
    beside(
        lambda: Occurrence.objects.select_for_update().get(pk=occurrence.pk),
        lambda: send_to_late(occurrence=occurrence, acting_user=manager, seen_people=1, at=now()),
    )
    assert stored(occurrence).state == OccurrenceState.EXPANDING
