"""Keeps the ledgers of what is done, where a change has made the database forget one."""

from django.db import connection, transaction


@transaction.atomic
def keep_ledgers() -> None:
    """Count the rows of occurrences that are done and have no kept ledger. Waits for nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT communications_keep_ledgers()")
