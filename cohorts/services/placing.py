"""The one statement through which people come into cohorts, for one person and for a million.

Events, locks and questions of whether somebody may join are the caller's part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.timezone import now

from cohorts.enums import CohortStatus, Placement
from cohorts.services.capacity import refusing_full

NOTE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Placed:
    """How many people are new in a cohort of its kind, and how many came out of another."""

    joined: int
    moved: int


# It names the unique constraint's columns, so two placements at once end in one membership and not
# in an error; in the order of ids, so that they do not wait for each other in a circle. Whoever has
# switched with a cohort stays in it. A person who is moved is as yet untold in the new cohort; what
# blocks them goes along. Who was deferred stays so until somebody plans them anew by hand, file or
# rule, or they are back where they were planned.
PLACE = """
WITH chosen (participant_id, cohort_id, note) AS ({chosen}),
written AS (
    INSERT INTO cohorts_membership AS m
        (participant_id, cohort_id, kind, joined_at, switched_at, placed_by, placement_note)
    SELECT DISTINCT ON (chosen.participant_id, c.kind) chosen.participant_id, c.id, c.kind,
        %s::timestamptz, CASE WHEN c.status = ANY(%s) THEN %s::timestamptz END, %s,
        left(chosen.note, {length})
    FROM chosen JOIN cohorts_cohort c ON c.id = chosen.cohort_id
    ORDER BY chosen.participant_id, c.kind
    ON CONFLICT (participant_id, kind) DO UPDATE
    SET cohort_id = excluded.cohort_id, joined_at = excluded.joined_at,
        switched_at = excluded.switched_at, mode_state = excluded.mode_state,
        exported_at = NULL, granted_at = NULL, told_at = NULL,
        placed_by = excluded.placed_by, placement_note = excluded.placement_note,
        deferred_from_id = NULLIF(CASE
            WHEN excluded.placed_by = 'deferral' THEN COALESCE(m.deferred_from_id, m.cohort_id)
            WHEN excluded.placed_by IN ('choice', 'split', 'merge') THEN m.deferred_from_id
        END, excluded.cohort_id)
    WHERE m.cohort_id <> excluded.cohort_id AND m.switched_at IS NULL
    RETURNING xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""
OVER = [CohortStatus.SWITCHED.value, CohortStatus.FINISHED.value]


def place(chosen: str, params: Sequence[Any], *, placed_by: Placement) -> Placed:
    """Put people where the query ``chosen`` (participant id, cohort id, note) says.

    Whoever joins a cohort that has switched counts as switched from now on, for the cohort's is the
    only switch that is recorded. Raises CohortFull; nothing is written then.
    """
    at = now()
    statement = PLACE.format(chosen=chosen, length=NOTE_LENGTH)
    with refusing_full(), connection.cursor() as cursor:
        cursor.execute(statement, [*params, at, OVER, at, placed_by.value])
        joined, moved = cursor.fetchone()
    return Placed(joined, moved)
