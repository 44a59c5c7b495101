"""Where a worker's statement runs: on Django's connection, or on one of its own beside it.

On its own the worker need not wait: it does something else until the database answers. Such a
connection commits each statement by itself.
"""

import select
from collections.abc import Callable, Sequence
from typing import Any

import psycopg2
from django.db import connection
from psycopg2 import extensions

Row = tuple[Any, ...]
# Called with the file number to watch; returns once there is something to read on it.
Meanwhile = Callable[[int], None]


class Here:
    """Django's connection, in whatever transaction it is."""

    @property
    def place(self) -> object:
        """Another one after the connection was lost."""
        return connection.connection

    def ask(self, sql: str, values: Sequence[Any] = (), meanwhile: Meanwhile | None = None) -> Row:
        """The first row; empty where the statement has none. Django's database errors."""
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return (cursor.fetchone() or ()) if cursor.description else ()

    def close(self) -> None:
        """It is not ours to close."""


class Wire:
    """A connection of our own to the same database, opened when it is first needed."""

    def __init__(self) -> None:
        self._raw: Any = None

    @property
    def place(self) -> object:
        return self._raw

    def ask(self, sql: str, values: Sequence[Any] = (), meanwhile: Meanwhile | None = None) -> Row:
        """As `Here.ask`; ``meanwhile`` runs until the answer comes, and must not raise."""
        with connection.wrap_database_errors:
            if self._raw is None or self._raw.closed:
                self._raw = self._opened()
            cursor = self._raw.cursor()
            cursor.execute(sql, values)
            _wait(self._raw, meanwhile)
            return (cursor.fetchone() or ()) if cursor.description else ()

    def close(self) -> None:
        if self._raw is not None:
            self._raw.close()
        self._raw = None

    def _opened(self) -> Any:
        params = {**connection.get_connection_params(), "async_": 1}
        raw = psycopg2.connect(**params)
        _wait(raw, None)
        return raw


def _wait(raw: Any, meanwhile: Meanwhile | None) -> None:
    while (state := raw.poll()) != extensions.POLL_OK:
        if state == extensions.POLL_WRITE:
            select.select([], [raw], [])
        elif meanwhile is None:
            select.select([raw], [], [])
        else:
            meanwhile(raw.fileno())
