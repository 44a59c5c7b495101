"""Undoes the last import of a project: who it added goes, who it changed is as before, who it let
go is back.

Set-based, from what the import kept (``RosterBefore``) and the moment it was made. Refuses where
somebody has built on it since. Who has had a mail or given an answer by now is marked as left
instead of removed: what happened stays on record.
"""

# ruff: noqa: S608 - what is put together here are names of our own columns; values are parameters

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import ForeignObjectRel
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from cohorts.exceptions import UndoRefused
from cohorts.models import Membership, Participant, RosterBefore, RosterImport
from cohorts.roster.columns import NAMES
from cohorts.services.capacity import refusing_full
from cohorts.services.members import stamp_latecomers
from cohorts.services.roster import one_import_at_a_time
from cohorts.services.staging import image
from common.doorbell import ring
from projects.models import Project
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User

OF_IMPORT = "b.roster_import_id = %(import)s"
ADDED = "p.project_id = %(project)s AND p.created_at = %(at)s"
# What an import does to a membership of somebody who was known before.
PLACE = f"""
FROM cohorts_rosterbefore b
JOIN cohorts_cohort c ON c.id = (b.after ->> 'cohort_id')::bigint
LEFT JOIN cohorts_membership m ON m.participant_id = b.participant_id AND m.kind = c.kind
WHERE {OF_IMPORT} AND b.is_place
"""


@dataclass(frozen=True, slots=True)
class Undone:
    """How many people were removed; marked as left, because something hangs on them; set back to
    what they were; and are active again."""

    removed: int
    kept: int
    restored: int
    returned: int


@transaction.atomic
def undo_import(*, project: Project, made: RosterImport, acting_user: "User | None") -> Undone:
    """Undo ``made``, the project's last import. Raises UndoRefused with what stands in the way."""
    require_open(project)
    one_import_at_a_time(project)
    if not RosterImport.objects.select_for_update().filter(pk=made.pk).exists():
        raise UndoRefused(_("This import was undone, or another one was made since."))
    values = {"project": project.pk, "import": made.pk, "at": made.made_at, "now": now()}
    refuse_where_built_upon(made)
    restored = _count(
        f"SELECT count(DISTINCT b.participant_id) FROM cohorts_rosterbefore b WHERE {OF_IMPORT}",
        values,
    )
    with refusing_full():
        _restore_facts(values)
        _restore_places(values)
        returned = _bring_back(values)
        kept, removed = _remove_added(values)
    stamp_latecomers(project)
    RosterBefore.objects.filter(roster_import=made).delete()
    made.delete()
    result = Undone(removed, kept, restored, returned)
    _record(project, result, acting_user)
    return result


# Who cannot go back to what they were, and the words for it.
BUILT_UPON = (
    (
        f"""
        SELECT count(*) FROM cohorts_rosterbefore b JOIN cohorts_participant p
        ON p.id = b.participant_id WHERE {OF_IMPORT} AND NOT b.is_place AND {image("p")} <> b.after
        """,
        ngettext_lazy("%(n)s person was changed again", "%(n)s people were changed again", "n"),
    ),
    (
        f"""
        SELECT count(*) {PLACE} AND (m.id IS NULL OR m.cohort_id <> c.id
            OR (m.switched_at IS NOT NULL AND m.switched_at > m.joined_at))
        """,
        ngettext_lazy(
            "%(n)s person was moved or has switched",
            "%(n)s people were moved or have switched",
            "n",
        ),
    ),
    (
        f"""
        SELECT count(*) {PLACE} AND EXISTS (SELECT FROM cohorts_cohort o
            WHERE o.id = (b.before ->> 'cohort_id')::bigint
            AND o.status IN ('finished', 'cancelled'))
        """,
        ngettext_lazy(
            "%(n)s person would go back to a cohort that is over",
            "%(n)s people would go back to a cohort that is over",
            "n",
        ),
    ),
)


def refuse_where_built_upon(made: RosterImport) -> None:
    """Raise UndoRefused where somebody cannot go back to what they were."""
    values = {"import": made.pk}
    counted = [(_count(sql, values), sentence) for sql, sentence in BUILT_UPON]
    reasons = [str(sentence % {"n": people}) for people, sentence in counted if people]
    if reasons:
        raise UndoRefused(
            _("This import cannot be undone, for since then: %(what)s. Correct the people instead.")
            % {"what": "; ".join(reasons)}
        )


def _restore_facts(values: dict[str, Any]) -> None:
    cells = ", ".join(f"{name} = b.before ->> '{name}'" for name in (*NAMES, "status"))
    _run(
        f"""
        UPDATE cohorts_participant p SET {cells}, attributes = b.before -> 'attributes',
            left_at = (b.before ->> 'left_at')::timestamptz
        FROM cohorts_rosterbefore b
        WHERE {OF_IMPORT} AND NOT b.is_place AND p.id = b.participant_id
        """,
        values,
    )


def _restore_places(values: dict[str, Any]) -> None:
    fixed = ("id", "participant_id", "kind")
    columns = [f.column for f in Membership._meta.concrete_fields if f.column not in fixed]
    cells = ", ".join(f"{column} = r.{column}" for column in columns)
    # Arrays, because a plan for too few rows would look through the memberships once for each.
    _run(
        f"""
        DELETE FROM cohorts_membership
        WHERE id = ANY(ARRAY(SELECT m.id {PLACE} AND b.before IS NULL))
        """,
        values,
    )
    _run(
        f"""
        UPDATE cohorts_membership m SET {cells}
        FROM cohorts_rosterbefore b, jsonb_populate_record(NULL::cohorts_membership, b.before) r
        WHERE {OF_IMPORT} AND b.is_place AND b.before IS NOT NULL AND m.id = r.id
        """,
        values,
    )


def _bring_back(values: dict[str, Any]) -> int:
    return _run(
        """
        UPDATE cohorts_participant SET status = 'active', left_at = NULL
        WHERE project_id = %(project)s AND status = 'left' AND left_at = %(at)s
        """,
        values,
    )


def _remove_added(values: dict[str, Any]) -> tuple[int, int]:
    """How many were marked as left because of what hangs on them, and how many are gone."""
    hanging = " OR ".join(
        f"EXISTS (SELECT FROM {table} x WHERE x.{column} = p.id)" for table, column in _hangers()
    )
    kept = _run(
        f"""
        UPDATE cohorts_participant p SET status = 'left', left_at = %(now)s
        WHERE {ADDED} AND p.status = 'active' AND ({hanging})
        """,
        values,
    )
    going = f"FROM cohorts_participant p WHERE {ADDED} AND NOT ({hanging})"
    # Memberships first: their counters ask for the person.
    _run(
        f"DELETE FROM cohorts_membership WHERE participant_id = ANY(ARRAY(SELECT p.id {going}))",
        values,
    )
    return kept, _run(f"DELETE {going}", values)


def _hangers() -> list[tuple[str, str]]:
    """Tables of any room whose rows name a person, but for the membership and our own memory."""
    ours = (Membership, RosterBefore)
    relations = [
        relation
        for relation in Participant._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel) and relation.related_model not in ours
    ]
    return sorted(
        {
            (relation.related_model._meta.db_table, str(relation.field.column))
            for relation in relations
        }
    )


def _record(project: Project, result: Undone, acting_user: "User | None") -> None:
    figures = {
        "removed": result.removed,
        "kept": result.kept,
        "restored": result.restored,
        "returned": result.returned,
    }
    events.record(
        project=project,
        verb="people.import_undone",
        sentence=_(
            "The last import was undone: %(removed)s removed, %(kept)s marked as left, %(restored)s"
            " set back, %(returned)s active again."
        )
        % figures,
        acting_user=acting_user,
        data=figures,
    )
    ring("projects.tasks.measure_project_goals", project.pk)


def _run(sql: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def _count(sql: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.fetchone()[0])
