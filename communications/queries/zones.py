"""When people in different zones get a message that is read in each person's own.

A message "at 09:00 where the person is" has one wall time and as many instants as there are zones.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection

from common.dates import instant, is_zone
from communications.enums import MessageZone
from communications.models import Occurrence

# From the first zone of the world to reach a wall time to the last it takes so long.
AROUND_THE_WORLD = timedelta(hours=27)

# One look into the index for each zone, however many people there are.
_ZONES = """
    WITH RECURSIVE found (zone) AS (
        (SELECT timezone FROM cohorts_participant
         WHERE project_id = %(project)s AND timezone <> '' ORDER BY timezone LIMIT 1)
        UNION ALL
        SELECT (SELECT timezone FROM cohorts_participant
                WHERE project_id = %(project)s AND timezone <> '' AND timezone > found.zone
                ORDER BY timezone LIMIT 1)
        FROM found WHERE found.zone IS NOT NULL
    )
    SELECT zone FROM found WHERE zone IS NOT NULL
"""


def is_personal(occurrence: Occurrence) -> bool:
    """Whether it goes out by each person's own clock; what was ordered for an instant does not."""
    return occurrence.message.zone == MessageZone.PERSON and occurrence.wall_at is not None


def moments(occurrence: Occurrence) -> Mapping[str, datetime]:
    """{zone: its instant} for every zone people of the project live in. One query, or none.

    Who has no zone, or one that is none, gets it at the occurrence's own moment.
    """
    wall = occurrence.wall_at
    if wall is None or not is_personal(occurrence):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ZONES, {"project": occurrence.project_id})
        zones = [zone for (zone,) in cursor.fetchall() if is_zone(zone)]
    return {zone: instant(wall.date(), wall.time(), zone) for zone in zones}


def first_moment(occurrence: Occurrence) -> datetime | None:
    """The earliest of all its instants; None while it has no day."""
    own = [occurrence.due_at] if occurrence.due_at is not None else []
    return min([*own, *moments(occurrence).values()], default=None)
