"""Which moments are no longer what their wall time and zone say. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from common.dates import is_zone
from communications.models import Occurrence
from communications.queries.moves import MOVABLE
from communications.zone_rules import by_todays_rules
from projects.enums import ProjectStatus
from projects.models import Project

# What a rule of the plan put there; an instant that a person ordered stays an instant.
FOLLOWING = Q(wall_at__isnull=False, due_at__isnull=False, state__in=MOVABLE) & ~Q(
    project__status=ProjectStatus.CLOSED
)


def moments_by_todays_rules(
    wall_at: datetime, zone: str, due_at: datetime, not_after: datetime | None
) -> tuple[datetime, datetime | None]:
    """When it is due and its last moment; both keep the time of day of ``wall_at`` in ``zone``."""
    if not is_zone(zone):
        return due_at, not_after
    wall = wall_at.time()
    last = None if not_after is None else by_todays_rules(not_after, wall, zone)
    return by_todays_rules(due_at, wall, zone), last


def projects_of_old_rules() -> list[Project]:
    """Those with an occurrence in a zone where former rules put one. Each moment is worked out
    once, however many occurrences have it. Two queries at most."""
    columns = ("wall_at", "timezone", "due_at", "not_after")
    moments = Occurrence.objects.filter(FOLLOWING).order_by().values_list(*columns).distinct()
    zones = {one[1] for one in moments if is_stale(*one)}
    if not zones:
        return []
    rows = Occurrence.objects.filter(FOLLOWING, timezone__in=zones).order_by()
    return list(Project.objects.filter(pk__in=rows.values("project")).order_by("pk"))


def is_stale(wall_at: datetime, zone: str, due_at: datetime, not_after: datetime | None) -> bool:
    fresh = moments_by_todays_rules(wall_at, zone, due_at, not_after)
    return fresh != (due_at, not_after)


@dataclass(frozen=True, slots=True)
class WaitingRows:
    """Rows of one occurrence that nobody has claimed yet and that wait for the same moment.
    ``zone`` is what the people's own column says."""

    occurrence: int
    project: int
    zone: str
    was: datetime
    fresh: datetime


# {zone} of a row's person, where the message goes by each person's clock. A row that was claimed
# before has an address, and waits for something else: quiet hours, a server's patience.
ZONE = "CASE WHEN m.zone = 'person' THEN coalesce(p.timezone, '') ELSE '' END"
UNTOUCHED = "d.state = 'queued' AND d.address = '' AND d.attempts = 0"
_WAITING = f"""
    SELECT o.id, o.project_id, o.timezone, o.wall_at, {ZONE}, d.not_before
    FROM communications_occurrence o
    JOIN communications_message m ON m.id = o.message_id
    JOIN communications_delivery d ON d.occurrence_id = o.id
    LEFT JOIN cohorts_participant p ON p.id = d.participant_id
    WHERE o.state IN ('expanding', 'sending') AND o.wall_at IS NOT NULL
      AND {UNTOUCHED} AND d.not_before > %s
    GROUP BY o.id, 5, d.not_before
    ORDER BY o.id, 5, d.not_before
"""  # noqa: S608 - both are constants above


def waiting_by_old_rules(at: datetime) -> list[WaitingRows]:
    """Rows after ``at`` whose moment is none of their wall time any more. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [at])
        found = cursor.fetchall()
    rows = []
    for occurrence, project, of_occurrence, wall_at, zone, was in found:
        theirs = zone if is_zone(zone) else of_occurrence
        fresh = by_todays_rules(was, wall_at.time(), theirs)
        if fresh != was:
            rows.append(WaitingRows(occurrence, project, zone, was, fresh))
    return rows
