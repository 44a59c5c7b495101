"""Management commands as processes of their own that stop, end and print as `manage.py` does.

They are forked from the test, which has read all of Django already; `test_stops` starts one anew.
"""

import json
from io import StringIO
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from environ import Env

from communications.services import sending
from communications.stopping import StopFlag
from tests.faults.processes import Mailserver, started


class Command:
    """Runs with the test's settings, except for the database's ``url`` and the ``lease``."""

    def __init__(self, mails: Mailserver, *words: str, url: str = "", lease: int = 0) -> None:
        self._news, words_out = Pipe(duplex=False)
        self.process = started(_run, words_out, mails, words, url, lease)
        words_out.close()

    def result(self, seconds: float = 60) -> dict[str, Any]:
        """What it printed, once it ended; it must have ended well."""
        self.process.join(seconds)
        assert self.process.exitcode == 0
        result: dict[str, Any] = json.loads(self._news.recv())
        self._news.close()
        return result


def _run(out: Connection, mails: Mailserver, words: tuple[str, ...], url: str, lease: int) -> None:
    sending.STOP = StopFlag()  # the one we know is shared with the test
    settings.DEVELOPMENT, settings.EMAIL_HOST, settings.EMAIL_PORT = True, "127.0.0.1", mails.port
    settings.SEND_JOURNAL = str(mails.log.with_name("journal"))
    settings.SEND_LEASE_SECONDS = lease or settings.SEND_LEASE_SECONDS
    connection.settings_dict.update(Env.db_url_config(url) if url else {})
    said = StringIO()
    call_command(*words, "--json", stdout=said)
    out.send(said.getvalue())
