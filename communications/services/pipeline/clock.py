"""The database's clock: the only one that decides when something is due or a lease has run out.

Statements say ``(SELECT clock_timestamp() + %(ahead)s::interval)``: read once a statement, so that
an index can serve it, and not frozen when a transaction starts, as now() is.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

_rehearsed: ContextVar[float] = ContextVar("rehearsed", default=0.0)


@contextmanager
def living_ahead(by: timedelta) -> Iterator[None]:
    """A rehearsal's clock: what is done inside believes it is so much later. Never for sending."""
    token = _rehearsed.set(by.total_seconds())
    try:
        yield
    finally:
        _rehearsed.reset(token)


def ahead() -> str:
    """How far this process lives ahead of the database, as an interval; nothing in production.

    UPGRADE_TRACKER_CLOCK_AHEAD, in seconds, lets days pass in a test without waiting for them.
    """
    moved = os.environ.get("UPGRADE_TRACKER_CLOCK_AHEAD", "0") if settings.DEVELOPMENT else "0"
    return seconds(float(moved) + _rehearsed.get())


def seconds(number: float) -> str:
    """An interval as PostgreSQL reads it."""
    return f"{number:f} seconds"


def database_now() -> datetime:
    """This moment, in UTC, with its microseconds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() + %s::interval", [ahead()])
        at: datetime = cursor.fetchone()[0]
    return at
