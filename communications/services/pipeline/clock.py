"""The database's clock: the only one that decides when something is due or a lease has run out.

Statements say ``(SELECT clock_timestamp() + %(ahead)s)``: read once a statement, so that an index
can serve it, and not frozen at the start of a transaction as now() is.
"""

import os
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection


def ahead() -> timedelta:
    """How far this process is to live ahead of the database; zero outside development.

    UPGRADE_TRACKER_CLOCK_AHEAD is in seconds: three days pass in a test without waiting for them.
    """
    if not settings.DEVELOPMENT:
        return timedelta(0)
    return timedelta(seconds=float(os.environ.get("UPGRADE_TRACKER_CLOCK_AHEAD", "0")))


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() + %(ahead)s", {"ahead": ahead()})
        at: datetime = cursor.fetchone()[0]
    return at
