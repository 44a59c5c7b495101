"""PostgreSQL is ended at once, in the midst of sending, and recovers; the workers live on.

With a server of the test's own, with its durability on, that holds a copy of the test's database.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection

from communications.services.pipeline.switch import ensure_switch
from tests.communications.pipeline import due_occurrence
from tests.faults.database import stop_immediately_and_start, stop_started
from tests.faults.processes import ROOT, Mailserver, environment, wait_until
from upgrade_tracker.launch.environment import bare_environment
from upgrade_tracker.launch.places import postgres_program
from upgrade_tracker.launch.postgres import Postgres
from upgrade_tracker.launch.processes import Crew
from upgrade_tracker.launch.servers import throw_away_folder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PEOPLE = 300


@pytest.fixture
def server() -> Iterator[tuple[Path, str]]:
    """Its folder and the URL of an empty database there."""
    crew = Crew()
    with throw_away_folder() as folder:
        try:
            postgres = Postgres(
                folder=folder / "postgres",
                password="crash",
                environment=bare_environment(),
                log=folder / "postgres.log",
            )
            yield folder, postgres.start(crew)
        finally:
            stop_started()
            crew.stop()


def copy_to(url: str, folder: Path) -> None:
    it = connection.settings_dict
    here = f"postgres://{it['USER']}:{it['PASSWORD']}@{it['HOST']}:{it['PORT']}/{it['NAME']}"
    dump = ["pg_dump", "--format=custom", f"--file={folder / 'dump'}", here]
    restore = ["pg_restore", f"--dbname={url}", "--no-owner", str(folder / "dump")]
    for program, *words in (dump, restore):
        subprocess.run([str(postgres_program(program)), *words], check=True, capture_output=True)


def manage(url: str, mails: Mailserver, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", *words, "--json"],
        cwd=ROOT,
        env={**environment(mails), "DATABASE_URL": url, "SEND_LEASE_SECONDS": "2"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def rows(url: str) -> dict[str, str]:
    with psycopg2.connect(url) as there, there.cursor() as cursor:
        cursor.execute("SELECT message_id::text, state FROM communications_delivery")
        found: dict[str, Any] = {f"<{number}@localhost>": state for number, state in cursor}
    there.close()
    return found


def send_what_was_put_off(url: str) -> None:
    """What stood at its dot when the database went waits for a few seconds."""
    with psycopg2.connect(url) as there, there.cursor() as cursor:
        cursor.execute(
            "UPDATE communications_delivery SET not_before = '2000-01-01' WHERE state = 'queued'"
        )
    there.close()


def test_a_database_that_crashes_loses_and_doubles_nothing(
    server: tuple[Path, str], tmp_path: Path
) -> None:
    folder, url = server
    ensure_switch()
    due_occurrence(PEOPLE)
    copy_to(url, tmp_path)
    with Mailserver(tmp_path, slow=0.05) as mails:
        manage(url, mails, "send_switch", "on").communicate(timeout=60)
        workers = [manage(url, mails, "send_due") for _worker in range(2)]
        for part in (4, 2):
            wait_until(lambda part=part: mails.count() > PEOPLE // part)
            stop_immediately_and_start(own=folder, dsn=url)
        results = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
        send_what_was_put_off(url)
        manage(url, mails, "send_due").communicate(timeout=60)
        states, taken = rows(url), Counter(mail.message_id for mail in mails.mails())
    assert [worker.returncode for worker in workers] == [0, 0]
    assert Counter(states.values()) == {"sent": PEOPLE}
    assert taken == Counter(states.keys())
    assert sum(result["uncertain"] for result in results) == 0
