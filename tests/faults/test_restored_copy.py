"""A copy of the database, restored from a dump, sends nothing until an operator says so."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from communications.models import Delivery
from communications.services.pipeline import switch
from tests.communications.pipeline import due_occurrence
from tests.faults.commands import Command
from tests.faults.processes import Mailserver
from upgrade_tracker.launch.places import postgres_program

pytestmark = pytest.mark.django_db(transaction=True)
NOTHING = {"sent": 0, "failed": 0, "skipped": 0, "uncertain": 0, "put_off": 0, "held_until": None}


def url_of(name: str) -> str:
    it = connection.settings_dict
    return f"postgres://{it['USER']}:{it['PASSWORD']}@{it['HOST']}:{it['PORT']}/{name}"


def psql(program: str, *arguments: str) -> None:
    subprocess.run([str(postgres_program(program)), *arguments], check=True)


@pytest.fixture
def copy_of() -> Iterator[Any]:
    """Restores a dump of the test's database under another name."""
    name = f"{connection.settings_dict['NAME']}_copy"

    def restore(folder: Any) -> str:
        dump = folder / "dump"
        psql(
            "pg_dump",
            "--format=custom",
            f"--file={dump}",
            url_of(str(connection.settings_dict["NAME"])),
        )
        psql("createdb", f"--maintenance-db={url_of('postgres')}", name)
        psql("pg_restore", f"--dbname={url_of(name)}", "--no-owner", str(dump))
        return url_of(name)

    yield restore
    # Not by force: a role like ours may not end an autovacuum that is at work there, and need not.
    psql("dropdb", f"--maintenance-db={url_of('postgres')}", "--if-exists", name)


def test_a_restored_copy_sends_only_when_told_to(
    mailserver: Mailserver, copy_of: Any, tmp_path: Any
) -> None:
    assert switch.is_on()
    occurrence = due_occurrence(5)
    url = copy_of(tmp_path)
    found = Command(mailserver, "send_due", url=url).result()
    assert found == {**NOTHING, "remaining": 0, "is_on": False}
    assert mailserver.mails() == []
    assert Command(mailserver, "send_switch", "on", url=url).result() == {"is_on": True}
    done = Command(mailserver, "send_due", url=url).result()
    assert done == {**NOTHING, "sent": 5, "remaining": 0, "is_on": True}
    assert mailserver.count() == 5
    # The database it was copied from knows nothing of all this and may send as before.
    assert (switch.is_on(), Delivery.objects.filter(occurrence=occurrence).count()) == (True, 0)
