"""Whether this database may send. A restored copy lives elsewhere, so it may not until told to."""

import structlog
from django.db import connection

log = structlog.get_logger(__name__)

# The mark repeats this condition in its own statement; see mark.py.
_IS_ON = """
    SELECT EXISTS (
        SELECT FROM communications_sendswitch
        WHERE id = 1 AND is_on
          AND system_identifier = (SELECT system_identifier::text FROM pg_control_system())
          AND database_oid = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""
_WRITE = """
    INSERT INTO communications_sendswitch (id, system_identifier, database_oid, is_on)
    SELECT 1, system_identifier::text,
           (SELECT oid FROM pg_database WHERE datname = current_database()), %s
    FROM pg_control_system()
"""


def ensure_switch() -> None:
    """Write the row in a database that never had one, turned on: it was made here."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE + "ON CONFLICT DO NOTHING", [True])


def is_on() -> bool:
    ensure_switch()
    with connection.cursor() as cursor:
        cursor.execute(_IS_ON)
        return bool(cursor.fetchone()[0])


def set_switch(*, is_on: bool) -> None:
    """Turn sending on or off, here and now: the row names this database from now on."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE + "ON CONFLICT (id) DO UPDATE SET is_on = excluded.is_on,"
            " system_identifier = excluded.system_identifier, database_oid = excluded.database_oid",
            [is_on],
        )
    log.warning("send_switch_set", is_on=is_on)
