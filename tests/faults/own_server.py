"""What a test does with a PostgreSQL of its own: its data is copied there, and looked at."""

import subprocess
from pathlib import Path
from typing import Any

import psycopg2
from django.db import connection

from upgrade_tracker.launch.places import postgres_program


def copy_to(url: str, folder: Path) -> None:
    """All that the test's database holds."""
    it = connection.settings_dict
    here = f"postgres://{it['USER']}:{it['PASSWORD']}@{it['HOST']}:{it['PORT']}/{it['NAME']}"
    dump = ["pg_dump", "--format=custom", f"--file={folder / 'dump'}", here]
    restore = ["pg_restore", f"--dbname={url}", "--no-owner", str(folder / "dump")]
    for program, *words in (dump, restore):
        subprocess.run([str(postgres_program(program)), *words], check=True, capture_output=True)


def rows(url: str) -> dict[str, str]:
    """{Message-ID: state} of all that is to be sent."""
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
