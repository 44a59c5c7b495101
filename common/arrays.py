"""A list as one parameter of a statement, in PostgreSQL's own spelling: {"a","b",NULL}.

psycopg2 writes each value of a list by itself and PostgreSQL parses each of them: from a hundred on
that takes longer than what the statement does.
"""

from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup
from django.db.models.sql.compiler import SQLCompiler


def array(values: Iterable[object]) -> str:
    """Anything whose ``str`` PostgreSQL reads; None is NULL. Where the statement does not show of
    what type the values are, it says so: ``%s::text[]``."""
    return "{" + ",".join(["NULL" if v is None else _quoted(str(v)) for v in values]) + "}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", r"\\").replace('"', r"\"") + '"'


class IsAnyOf(Lookup):
    """``filter(IsAnyOf(F("pk"), pks))`` says what ``pk__in=pks`` says, for many of them."""

    lookup_name = "is_any_of"
    prepare_rhs = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, array(self.rhs))
