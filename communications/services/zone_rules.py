"""Clocks are changed by governments: what goes out at a time of day follows the rules of today.

A wall time and a zone are what was planned and approved, so an approval stays. What is ordered for
an instant, and what a worker has in hand, stay where they are.
"""

from collections import Counter
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import ngettext

from communications.models import Occurrence
from communications.queries.zone_rules import (
    FOLLOWING,
    UNTOUCHED,
    ZONE,
    WaitingRows,
    moments_by_todays_rules,
    projects_of_old_rules,
    waiting_by_old_rules,
)
from communications.zone_rules import forget_rules
from projects.models import Project
from projects.services.events import record

CHUNK = 10_000
COLUMNS = ["due_at", "not_after", "approved_due_at"]


def follow_zone_rules(at: datetime) -> int:
    """Move what lies where former rules of a zone put it; how many occurrences and rows moved.

    ``at`` is the database's now. Where no rule has changed it reads and writes nothing.
    """
    forget_rules()
    moved = sum(_follow(project) for project in projects_of_old_rules())
    return moved + _follow_rows(at)


@transaction.atomic
def _follow(project: Project) -> int:
    # Locked in one order before they are looked at, so that nothing begins under the old moment.
    held = Occurrence.objects.filter(FOLLOWING, project=project).order_by("pk")
    moved = [row for row in held.select_for_update(of=("self",)) if _move(row)]
    Occurrence.objects.bulk_update(moved, COLUMNS, batch_size=500)
    if moved:
        sentence = ngettext(
            "%(n)s sending keeps its time of day: the rules of its time zone have changed.",
            "%(n)s sendings keep their time of day: the rules of their time zones have changed.",
            len(moved),
        )
        record(
            project=project,
            verb="occurrences.moved",
            sentence=sentence % {"n": len(moved)},
            acting_user=None,
            data={"occurrences": [row.pk for row in moved]},
        )
    return len(moved)


def _move(row: Occurrence) -> bool:
    """Whether it lies elsewhere by the rules of today; approved for the same time of day."""
    if row.wall_at is None or row.due_at is None:
        return False
    was = row.due_at, row.not_after
    row.due_at, row.not_after = moments_by_todays_rules(row.wall_at, row.timezone, *was)
    if row.approved_due_at == was[0]:
        row.approved_due_at = row.due_at
    return (row.due_at, row.not_after) != was


def _follow_rows(at: datetime) -> int:
    """Rows that wait for their people's own hour."""
    moved: Counter[int] = Counter()
    for rows in waiting_by_old_rules(at):
        while number := _move_rows(rows):
            moved[rows.project] += number
    for project in Project.objects.filter(pk__in=moved).order_by("pk"):
        number = moved[project.pk]
        sentence = ngettext(
            "%(n)s waiting mail keeps its time of day: the rules of its time zone have changed.",
            "%(n)s waiting mails keep their time of day: the rules of their time zones have"
            " changed.",
            number,
        )
        record(
            project=project,
            verb="deliveries.moved",
            sentence=sentence % {"n": number},
            acting_user=None,
        )
    return moved.total()


# What a worker holds at this moment is left to it.
_MOVE = f"""
    WITH chunk AS MATERIALIZED (
        SELECT d.id
        FROM communications_delivery d
        JOIN communications_occurrence o ON o.id = d.occurrence_id
        JOIN communications_message m ON m.id = o.message_id
        LEFT JOIN cohorts_participant p ON p.id = d.participant_id
        WHERE d.occurrence_id = %s AND d.not_before = %s AND {UNTOUCHED} AND {ZONE} = %s
        ORDER BY d.id
        LIMIT %s
        FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE communications_delivery d SET not_before = %s FROM chunk WHERE d.id = chunk.id
"""  # noqa: S608 - both are constants of queries.zone_rules


@transaction.atomic
def _move_rows(rows: WaitingRows) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [rows.occurrence, rows.was, rows.zone, CHUNK, rows.fresh])
        return int(cursor.rowcount)
