"""A message is paused while its mails leave: they stop, and afterwards exactly the rest goes."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from communications.services.pipeline.switch import ensure_switch
from tests.communications.pipeline import due_occurrence
from tests.factories.people import UserFactory
from tests.faults.pausing import MOST_SECONDS, pause_and_resume
from tests.faults.processes import Mailserver, finish, start_worker
from tests.faults.truth import check_promise

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 300
TIMES = 4


@pytest.mark.parametrize("slow", [0.0, 0.05])
def test_a_pause_stops_within_five_seconds_and_the_rest_goes_on(
    tmp_path: Path, settings: Any, slow: float
) -> None:
    settings.DEVELOPMENT, settings.SEND_CONNECTIONS = True, 3
    ensure_switch()
    occurrence, user, chance = due_occurrence(PEOPLE), UserFactory(), Random(5)  # noqa: S311
    with Mailserver(tmp_path, slow=slow) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        for _time in range(TIMES):
            late = pause_and_resume(
                occurrence.message,
                user=user,
                starting=lambda: start_worker(is_patient=True),
                accepted=lambda: [mail.at for mail in server.mails()],
                chance=chance,
            )
            assert late <= MOST_SECONDS
        if slow:
            assert server.count() < PEOPLE
        finish()
        assert check_promise(occurrence, PEOPLE, server) == {"sent": PEOPLE}
