"""What happens on the connections while the database is still marking their mails."""

import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connection, connections, transaction

from communications.models import Delivery
from tests.communications.pipeline import due_occurrence, run_worker, states
from tests.communications.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
          AND query SIMILAR TO 'EXECUTE (write|begin)_%%'
    )
"""


def is_step_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("word", [b"", b"421 closing\r\n"])
def test_who_hangs_up_while_a_mail_is_marked_gets_no_dot_and_the_mail_goes_again(
    sink: Sink, settings: Any, word: bytes
) -> None:
    settings.SEND_CONNECTIONS = 1
    occurrence = due_occurrence(3)
    is_at_data, may_go_on = threading.Event(), threading.Event()

    def wait_at_first_data(stage: str, _text: str) -> None:
        if stage == "DATA" and not is_at_data.is_set():
            is_at_data.set()
            may_go_on.wait(20)

    def work() -> None:
        run_worker()
        connections.close_all()

    sink.script = wait_at_first_data
    worker = threading.Thread(target=work)
    worker.start()
    assert is_at_data.wait(20)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE communications_suppression IN ACCESS EXCLUSIVE MODE")
        may_go_on.set()
        assert sink.saw(is_step_waiting)
        sink.hang_up(word)
        assert sink.saw(lambda: not sink.live)
    worker.join(30)
    assert Counter(states(occurrence).values()) == {"queued": 1, "sent": 2}
    assert len(sink.mails) == 2
    Delivery.objects.update(not_before="2000-01-01T00:00Z")
    run_worker()
    assert Counter(states(occurrence).values()) == {"sent": 3}
    assert len({mail.message_id for mail in sink.mails}) == len(sink.mails) == 3
