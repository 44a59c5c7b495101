"""PostgreSQL is ended at once, in the midst of sending, and recovers; the workers live on.

With a server of the test's own, with its durability on, that holds a copy of the test's database.
"""

from collections import Counter
from pathlib import Path

import pytest

from communications.services.pipeline.switch import ensure_switch
from tests.communications.pipeline import due_occurrence
from tests.faults.commands import Command
from tests.faults.database import stop_immediately_and_start
from tests.faults.own_server import copy_to, rows, send_what_was_put_off
from tests.faults.processes import Mailserver, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PEOPLE = 300
LEASE = 2


def test_a_database_that_crashes_loses_and_doubles_nothing(
    server: tuple[Path, str], tmp_path: Path
) -> None:
    folder, url = server
    ensure_switch()
    due_occurrence(PEOPLE)
    copy_to(url, tmp_path)
    with Mailserver(tmp_path, slow=0.05) as mails:
        Command(mails, "send_switch", "on", url=url).result()
        workers = [Command(mails, "send_due", url=url, lease=LEASE) for _worker in range(2)]
        for part in (4, 2):
            wait_until(lambda part=part: mails.count() > PEOPLE // part)
            stop_immediately_and_start(own=folder, dsn=url)
        results = [worker.result() for worker in workers]
        send_what_was_put_off(url)
        Command(mails, "send_due", url=url, lease=LEASE).result()
        states, taken = rows(url), Counter(mail.message_id for mail in mails.mails())
    assert Counter(states.values()) == {"sent": PEOPLE}
    assert taken == Counter(states.keys())
    assert sum(result["uncertain"] for result in results) == 0
