"""The SQL of an import: a temporary table beside the participants, compared before it is written.

Comparing first keeps an unchanged file from touching a single row, and gives a preview the same
figures as the import. Field names come from ``cohorts.roster.columns``, never from a file.
"""

# ruff: noqa: S608 - what is put together here are our own constants; every value is a parameter

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _

from cohorts.models import Cohort
from cohorts.roster.columns import NAMES
from cohorts.roster.report import Rejected, RowWarning

if TYPE_CHECKING:
    from cohorts.roster.copying import RosterCopy
    from projects.models import Project

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
# Who is not in the file of a whole organisation, not even in one of its bad rows.
LEFT_OUT = """
WHERE p.project_id = %(project)s AND p.status = 'active'
  AND NOT EXISTS (SELECT FROM roster r WHERE r.key = p.key)
  AND p.key <> ALL (%(mentioned)s::text[])
"""
LEAVING = f"FROM cohorts_participant p {LEFT_OUT}"


@dataclass(frozen=True, slots=True)
class Figures:
    staged: int
    created: int
    changed: int  # facts or status
    updated: int  # facts, status or cohort
    joining: int
    moved: int
    returned: int
    stayed: int


class Staging:
    """One import in one transaction. Lives on the connection's temporary schema.

    ``at`` is the moment of the import: who it adds or lets go can be told by it afterwards.
    """

    def __init__(
        self, project: "Project", cohort: Cohort | None, rows: "RosterCopy", at: datetime
    ) -> None:
        self.fields = rows.fields
        self.further = rows.further
        self.is_whole = rows.is_whole
        self.at = at
        self._rows_given = rows
        self.values: dict[str, Any] = {
            "project": project.pk,
            "cohort": cohort.pk if cohort else None,
            "kind": cohort.kind if cohort else None,
            "further": list(rows.further),
            "at": at,
        }

    def fill(self) -> list[Rejected]:
        """Stream the accepted rows into the temporary table; second rows of a person are returned.

        Raises what ended the reading.
        """
        columns = "".join(f", {field} text" for field in self.fields)
        if self.further:
            columns += ", attributes jsonb"
        with connection.cursor() as cursor:
            # Enough for the hash tables of a large organisation; for this transaction alone.
            cursor.execute("SET LOCAL work_mem = '64MB'")
            cursor.execute("DROP TABLE IF EXISTS pg_temp.roster")
            cursor.execute(
                f"CREATE TEMPORARY TABLE roster (line integer, key text{columns}) ON COMMIT DROP"
            )
            cursor.copy_expert("COPY pg_temp.roster FROM STDIN", self._rows_given)
        if self._rows_given.error:
            raise self._rows_given.error
        self.values["mentioned"] = sorted(self._rows_given.mentioned)
        return self._drop_repeated()

    def figures(self) -> Figures:
        """What writing would do, counted in one statement."""
        changed = self.changed()
        return Figures(
            *self.row(
                f"""
                SELECT count(*), count(*) FILTER (WHERE p.id IS NULL),
                count(*) FILTER (WHERE p.id IS NOT NULL AND ({changed})),
                count(*) FILTER (WHERE p.id IS NOT NULL AND (({changed}) OR ({JOINING}))),
                count(*) FILTER (WHERE {JOINING}),
                count(*) FILTER (WHERE {MOVING}), count(*) FILTER (WHERE p.status = 'left'),
                count(*) FILTER (WHERE {STAYING})
                {KNOWN}
                """
            )
        )

    def active_and_leaving(self) -> tuple[int, int]:
        """How many people are active now, and how many of them the file does not know."""
        active, leaving = self.row(
            "SELECT (SELECT count(*) FROM cohorts_participant WHERE project_id = %(project)s"
            f" AND status = 'active'), (SELECT count(*) {LEAVING})"
        )
        return active, leaving

    def staying(self) -> list[RowWarning]:
        """Who is not put into the cohort, because another of its kind has switched with them."""
        rows = self.rows(
            f"SELECT r.line, c.name {KNOWN} JOIN cohorts_cohort c ON c.id = m.cohort_id"
            f" WHERE {STAYING} ORDER BY r.line LIMIT {MOST_STAYING_NAMED}"
        )
        sentence = _("Stays in “%(name)s”, for that cohort has switched.")
        return [RowWarning(line, sentence % {"name": name}) for line, name in rows]

    def insert(self) -> None:
        """Write the people nobody knew. Ids from the file alone: its order is the insert order."""
        name = "r.display_name" if "display_name" in self.fields else "NULL"
        given = {field: f"r.{field}" for field in self.fields}
        given["display_name"] = f"COALESCE({name}, {self.address()})"
        if "timezone" in self.fields:
            given["timezone"] = "COALESCE(r.timezone, '')"
        cells = ", ".join(given.get(field, "''") for field in NAMES)
        attributes = "r.attributes" if self.further else "'{}'::jsonb"
        self.run(
            f"""
            INSERT INTO cohorts_participant
                (public_id, project_id, key, status, created_at, attributes, {", ".join(NAMES)})
            SELECT gen_random_uuid(), %(project)s, r.key, 'active', %(at)s, {attributes}, {cells}
            FROM roster r WHERE NOT EXISTS (
                SELECT FROM cohorts_participant p
                WHERE p.project_id = %(project)s AND p.key = r.key
            )
            """
        )

    def update(self, import_pk: int) -> None:
        """Bring known people to what the file says, and remember how they were.

        Columns the file does not have stay.
        """
        cells = "".join(f", {field} = COALESCE(r.{field}, p.{field})" for field in self.fields)
        if self.further:
            cells += f", attributes = {self._merged()}"
        self.run(
            f"""
            WITH written AS (
                UPDATE cohorts_participant p SET status = 'active', left_at = NULL{cells}
                FROM roster r
                WHERE p.project_id = %(project)s AND p.key = r.key AND ({self.changed()})
                RETURNING p.id, {image("old")} AS before, {image("new")} AS after
            )
            INSERT INTO cohorts_rosterbefore
                (roster_import_id, participant_id, is_place, before, after)
            SELECT %(import)s, id, FALSE, before, after FROM written
            """,
            **{"import": import_pk},
        )

    def let_go(self) -> None:
        """Whoever is not in the file has left."""
        self.run(f"UPDATE cohorts_participant p SET status = 'left', left_at = %(at)s {LEFT_OUT}")

    def remember_places(self, import_pk: int) -> None:
        """The memberships of known people, before they are put into the cohort."""
        self.run(
            f"""
            INSERT INTO cohorts_rosterbefore
                (roster_import_id, participant_id, is_place, before, after)
            SELECT %(import)s, p.id, TRUE, CASE WHEN m.id IS NOT NULL THEN to_jsonb(m) END,
                jsonb_build_object('cohort_id', %(cohort)s::bigint)
            {KNOWN} WHERE p.created_at <> %(at)s AND {JOINING}
            """,
            **{"import": import_pk},
        )

    def chosen(self) -> tuple[str, list[Any]]:
        """The ids of everybody in the file, as a subquery for ``members.upsert``."""
        sql = "SELECT p.id FROM roster r JOIN cohorts_participant p"
        return f"{sql} ON p.project_id = %s AND p.key = r.key", [self.values["project"]]

    def changed(self) -> str:
        """A name or zone that is NULL in the temporary table is "not said" and changes nothing."""
        facts = [f"r.{field} <> p.{field}" for field in self.fields]
        if self.further:
            facts.append(f"{self._merged()} <> p.attributes")
        return " OR ".join(["p.status = 'left'", *facts])

    def address(self) -> str:
        parts = [f"NULLIF(r.{field}, '')" for field in ("upn", "mail") if field in self.fields]
        return f"COALESCE({', '.join(parts)})"

    def _drop_repeated(self) -> list[Rejected]:
        """Keep the first row of every person; the others are returned as rejected."""
        found = self.rows(
            f"SELECT r.line, d.first FROM roster r JOIN ({SEVERAL}) d USING (key)"
            " WHERE r.line > d.first ORDER BY r.line"
        )
        if found:
            self.run(
                f"DELETE FROM roster r USING ({SEVERAL}) d WHERE r.key = d.key AND r.line > d.first"
            )
        sentence = _("This is the same person as in line %(line)s.")
        return [Rejected(line, sentence % {"line": first}) for line, first in found]

    def _merged(self) -> str:
        """The further columns of the file replace their own, and leave the others."""
        return "((p.attributes - %(further)s::text[]) || r.attributes)"

    def run(self, sql: str, **values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, {**self.values, **values})

    def row(self, sql: str) -> tuple[Any, ...]:
        return self.rows(sql)[0]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self.values)
            return list(cursor.fetchall())


def image(row: str) -> str:
    """SQL for what an import may change of a person, as JSON."""
    names = (*NAMES, "attributes", "status", "left_at")
    pairs = ", ".join(f"'{name}', {row}.{name}" for name in names)
    return f"jsonb_build_object({pairs})"
