"""The SQL of an import: a temporary table beside the participants, compared before it is written.

Comparing first keeps an unchanged file from touching a single row, and gives a preview the same
figures as the import. Field names come from ``cohorts.roster.columns``, never from a file.
"""

# ruff: noqa: S608 - what is put together here are our own constants; every value is a parameter

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _

from cohorts.models import Cohort
from cohorts.roster.columns import NAMES
from cohorts.roster.report import Rejected, RowWarning, Sample

if TYPE_CHECKING:
    from cohorts.roster.copying import RosterCopy
    from projects.models import Project

SAMPLES = 5
MOST_STAYING_NAMED = 1_000
SEVERAL = "SELECT key, min(line) AS first FROM roster GROUP BY key HAVING count(*) > 1"
# Joins every staged row to the person it names and, with a cohort, to the membership of its kind.
KNOWN = """
FROM roster r
LEFT JOIN cohorts_participant p ON p.project_id = %(project)s AND p.key = r.key
LEFT JOIN cohorts_membership m ON m.participant_id = p.id AND m.kind = %(kind)s
"""
MOVING = "m.cohort_id <> %(cohort)s AND m.switched_at IS NULL"
STAYING = "m.cohort_id <> %(cohort)s AND m.switched_at IS NOT NULL"
JOINING = f"%(cohort)s::bigint IS NOT NULL AND (m.id IS NULL OR {MOVING})"


@dataclass(frozen=True, slots=True)
class Figures:
    staged: int
    created: int
    changed: int  # facts or status
    updated: int  # facts, status or cohort
    moved: int
    returned: int
    stayed: int


class Staging:
    """One import in one transaction. Lives on the connection's temporary schema."""

    def __init__(self, project: "Project", cohort: Cohort | None, fields: tuple[str, ...]) -> None:
        self._fields = fields
        self._values = {
            "project": project.pk,
            "cohort": cohort.pk if cohort else None,
            "kind": cohort.kind if cohort else None,
        }

    def fill(self, rows: "RosterCopy") -> None:
        """Stream the accepted rows into the temporary table."""
        columns = "".join(f", {field} text" for field in self._fields)
        with connection.cursor() as cursor:
            # Enough for the hash tables of a large organisation; for this transaction alone.
            cursor.execute("SET LOCAL work_mem = '64MB'")
            cursor.execute("DROP TABLE IF EXISTS pg_temp.roster")
            cursor.execute(
                f"CREATE TEMPORARY TABLE roster (line integer, key text{columns}) ON COMMIT DROP"
            )
            cursor.copy_expert("COPY pg_temp.roster FROM STDIN", rows)

    def drop_repeated(self) -> list[Rejected]:
        """Keep the first row of every person; the others are returned as rejected."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT r.line, d.first FROM roster r JOIN ({SEVERAL}) d USING (key)"
                " WHERE r.line > d.first ORDER BY r.line"
            )
            found = cursor.fetchall()
            if found:
                cursor.execute(
                    f"DELETE FROM roster r USING ({SEVERAL}) d"
                    " WHERE r.key = d.key AND r.line > d.first"
                )
        sentence = _("This is the same person as in line %(line)s.")
        return [Rejected(line, sentence % {"line": first}) for line, first in found]

    def figures(self) -> Figures:
        """What writing would do, counted in one statement."""
        changed = self._changed()
        return Figures(
            *self._row(
                f"""
                SELECT count(*), count(*) FILTER (WHERE p.id IS NULL),
                count(*) FILTER (WHERE p.id IS NOT NULL AND ({changed})),
                count(*) FILTER (WHERE p.id IS NOT NULL AND (({changed}) OR ({JOINING}))),
                count(*) FILTER (WHERE {MOVING}), count(*) FILTER (WHERE p.status <> 'active'),
                count(*) FILTER (WHERE {STAYING})
                {KNOWN}
                """
            )
        )

    def samples(self) -> tuple[Sample, ...]:
        """The first few rows of every outcome, for a person to look at."""
        name = "r.display_name" if "display_name" in self._fields else "NULL"
        outcome = f"""CASE WHEN p.id IS NULL THEN 'created'
            WHEN ({self._changed()}) OR ({JOINING}) THEN 'updated' ELSE 'unchanged' END"""
        rows = self._rows(
            f"""
            SELECT line, name, address, outcome FROM (
                SELECT s.*, row_number() OVER (PARTITION BY outcome ORDER BY line) AS place FROM (
                    SELECT r.line, {self._address()} AS address, {outcome} AS outcome,
                    COALESCE({name}, p.display_name, {self._address()}) AS name {KNOWN}
                ) s
            ) t WHERE place <= {SAMPLES} ORDER BY line
            """
        )
        return tuple(Sample(*row) for row in rows)

    def staying(self) -> list[RowWarning]:
        """Who is not put into the cohort, because another of its kind has switched with them."""
        rows = self._rows(
            f"SELECT r.line, c.name {KNOWN} JOIN cohorts_cohort c ON c.id = m.cohort_id"
            f" WHERE {STAYING} ORDER BY r.line LIMIT {MOST_STAYING_NAMED}"
        )
        sentence = _("Stays in “%(name)s”, for that cohort has switched.")
        return [RowWarning(line, sentence % {"name": name}) for line, name in rows]

    def insert(self) -> None:
        """Write the people nobody knew. Ids from the file alone: its order is the insert order."""
        name = "r.display_name" if "display_name" in self._fields else "NULL"
        given = {field: f"r.{field}" for field in self._fields}
        given["display_name"] = f"COALESCE({name}, {self._address()})"
        cells = ", ".join(given.get(field, "''") for field in NAMES)
        self._run(
            f"""
            INSERT INTO cohorts_participant
                (public_id, project_id, key, status, created_at, {", ".join(NAMES)})
            SELECT gen_random_uuid(), %(project)s, r.key, 'active', now(), {cells}
            FROM roster r WHERE NOT EXISTS (
                SELECT FROM cohorts_participant p
                WHERE p.project_id = %(project)s AND p.key = r.key
            )
            """
        )

    def update(self) -> None:
        """Bring known people to what the file says; columns it does not have stay."""
        cells = "".join(f", {field} = COALESCE(r.{field}, p.{field})" for field in self._fields)
        self._run(
            f"""
            UPDATE cohorts_participant p SET status = 'active'{cells} FROM roster r
            WHERE p.project_id = %(project)s AND p.key = r.key AND ({self._changed()})
            """
        )

    def chosen(self) -> tuple[str, list[Any]]:
        """The ids of everybody in the file, as a subquery for ``members.upsert``."""
        sql = "SELECT p.id FROM roster r JOIN cohorts_participant p"
        return f"{sql} ON p.project_id = %s AND p.key = r.key", [self._values["project"]]

    def _changed(self) -> str:
        """Only the name may be NULL in the temporary table: "not said", so it changes nothing."""
        facts = [f"r.{field} <> p.{field}" for field in self._fields]
        return " OR ".join(["p.status <> 'active'", *facts])

    def _address(self) -> str:
        parts = [f"NULLIF(r.{field}, '')" for field in ("upn", "mail") if field in self._fields]
        return f"COALESCE({', '.join(parts)})"

    def _run(self, sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, self._values)

    def _row(self, sql: str) -> tuple[Any, ...]:
        return self._rows(sql)[0]

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self._values)
            return list(cursor.fetchall())
