"""What the database holds, to compare before and after."""

from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection

from accounts.models import SignIn

# All but the log of attempts to sign in, which is there for them.
MODELS = [model for model in apps.get_models() if model is not SignIn]


def rows_of(models: list[Any] = MODELS) -> dict[str, int]:
    """How many rows each table holds, in one query."""
    return _ask("(SELECT count(*) FROM {table})", models)


def contents() -> dict[str, str | None]:
    """A digest of all that each table holds, sessions aside."""
    digest = "(SELECT md5(string_agg(r::text, '' ORDER BY r::text)) FROM {table} AS r)"
    return _ask(digest, [model for model in MODELS if model is not Session])


def _ask(each: str, models: list[Any]) -> dict[str, Any]:
    tables = sorted({model._meta.db_table for model in models})
    parts = [each.format(table=connection.ops.quote_name(table)) for table in tables]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts))
        return dict(zip(tables, cursor.fetchone(), strict=True))
