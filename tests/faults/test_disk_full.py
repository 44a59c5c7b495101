"""The database's disk is full in the midst of sending: nothing is half done, and it goes on after.

With a PostgreSQL of the test's own, which holds a copy of the test's database.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from django.utils.timezone import now

from communications.models import Occurrence
from communications.services.pipeline.switch import ensure_switch
from tests.communications.pipeline import due_occurrence
from tests.faults.commands import Command
from tests.faults.database import postmaster
from tests.faults.full_disk import full
from tests.faults.own_server import copy_to, send_what_was_put_off
from tests.faults.processes import Mailserver, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PEOPLE = 200
LEASE = 30

# Of a sending that is long done: wide rows, so that the table soon has the size of the limit.
FILL = """
    INSERT INTO communications_delivery (occurrence_id, recipient_key, address, message_id, state,
        reason, not_before, attempts, claims, smtp_text, sent_at)
    SELECT %s, 'p:-' || n, repeat('a', 320), uuidv7(), 'sent', repeat('r', 200), now(), 1, 0,
           repeat('t', 500), now()
    FROM generate_series(1, 15000) n
"""
APPROVE = "UPDATE communications_occurrence SET state = 'approved' WHERE id = %s"


class Database:
    """Questions to a server of the test's own."""

    def __init__(self, url: str) -> None:
        self._there = psycopg2.connect(url)
        self._there.autocommit = True

    def ask(self, sql: str, *values: object) -> list[tuple[str, ...]]:
        with self._there.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def rows(self, *occurrences: Occurrence) -> dict[str, str]:
        """{Message-ID: state}"""
        found = self.ask(
            "SELECT message_id::text, state FROM communications_delivery"
            " WHERE occurrence_id = ANY(%s)",
            [one.pk for one in occurrences],
        )
        return {f"<{number}@localhost>": state for number, state in found}

    def stands(self, *occurrences: Occurrence) -> list[str]:
        found = self.ask(
            "SELECT state FROM communications_occurrence WHERE id = ANY(%s) ORDER BY id",
            [one.pk for one in occurrences],
        )
        return [state for (state,) in found]

    def size(self) -> int:
        ((size,),) = self.ask("SELECT pg_relation_size('communications_delivery')")
        return int(size)

    def close(self) -> None:
        self._there.close()


@contextmanager
def database(url: str) -> Iterator[Database]:
    there = Database(url)
    try:
        yield there
    finally:
        there.close()


def check_what_is_written(there: Database, first: Occurrence, mails: Mailserver) -> None:
    """All of it is true: every row is there, and who is said to have the mail has it."""
    before = {mail.message_id for mail in mails.mails()}
    rows = there.rows(first)
    after = {mail.message_id for mail in mails.mails()}
    assert len(rows) == PEOPLE
    assert {rows[number] for number in before} <= {"sent", "sending"}
    assert {number for number, state in rows.items() if state == "sent"} <= after


def test_a_full_disk_loses_and_doubles_nothing(server: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = server
    ensure_switch()
    first, second = due_occurrence(PEOPLE), due_occurrence(PEOPLE, state="planned")
    done = due_occurrence(state="done", finished_at=now())
    copy_to(url, tmp_path)

    def refusals() -> int:
        return (folder / "postgres.log").read_text().count("could not extend file")

    with database(url) as there, Mailserver(tmp_path, slow=0.1) as mails:
        there.ask(FILL, done.pk)
        Command(mails, "send_switch", "on", url=url).result()
        worker = Command(mails, "send_due", "--every", "1", url=url, lease=LEASE)
        wait_until(lambda: mails.count() > PEOPLE // 4)
        with full(postmaster(dsn=url), there.size()):
            there.ask(APPROVE, second.pk)
            wait_until(lambda: refusals() > 0)
            check_what_is_written(there, first, mails)
            # A chunk is whole or not there; it may find room in what others left.
            wait_until(lambda: refusals() > 4 or bool(there.rows(second)))
            assert len(there.rows(second)) in (0, PEOPLE)
            check_what_is_written(there, first, mails)
            assert worker.process.is_alive()
        wait_until(lambda: len(there.rows(second)) == PEOPLE)
        send_what_was_put_off(url)
        wait_until(lambda: there.stands(first, second) == ["done", "done"])
        os.kill(worker.process.pid or 0, signal.SIGTERM)
        report = worker.result()
        rows = there.rows(first, second)
        sink = Counter(mail.message_id for mail in mails.mails())
    assert Counter(rows.values()) == {"sent": 2 * PEOPLE}
    assert sink == Counter(rows.keys())
    assert (report["sent"], report["uncertain"]) == (2 * PEOPLE, 0)
