"""The SQL of a verification: an export in a temporary table, joined to people and their cohorts.

One statement finds everybody, one judges, two write, whatever the size. What did not change is not
touched, so the same file twice writes nothing. Column names are numbers of our own.
"""

# ruff: noqa: S608 - what is put together here are our own constants; every value is a parameter

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from cohorts.enums import MODE_TRANSITIONS
from cohorts.modes.counting import Counting
from cohorts.modes.reading import MEETINGS, MODES, RESULTS
from cohorts.modes.scripts import GRACE

if TYPE_CHECKING:
    from cohorts.modes.reading import ObservationCopy
    from playbooks.modes import Observation
    from projects.models import Project

ALLOWED = [f"{old}>{new}" for old, allowed in MODE_TRANSITIONS.items() for new in allowed]
# The address a row puts first wins, then the person's own: UPN or mail, SIP, mail, object id.
FIND = """
CREATE TEMPORARY TABLE found ON COMMIT DROP AS
WITH people AS (
    SELECT p.id, a.place, a.address FROM cohorts_participant p CROSS JOIN LATERAL (VALUES
        (0, p.key), (1, regexp_replace(lower(p.sip_address), '^sip:', '')),
        (2, lower(p.mail)), (3, lower(p.upn)), (4, lower(p.object_id))
    ) a(place, address)
    WHERE p.project_id = %(project)s AND p.status = 'active' AND a.address <> ''
), named AS (
    SELECT o.line, a.place, a.address FROM observed o
    CROSS JOIN LATERAL (VALUES {places}) a(place, address) WHERE a.address IS NOT NULL
), known AS (
    SELECT DISTINCT ON (n.line) n.line, p.id AS participant_id
    FROM named n JOIN people p USING (address) ORDER BY n.line, n.place, p.place, p.id
)
SELECT o.line, o.mode, o.result, k.participant_id,
    row_number() OVER (PARTITION BY k.participant_id ORDER BY o.line) AS nth
FROM observed o LEFT JOIN known k USING (line)
"""
JUDGE = """
CREATE TEMPORARY TABLE judged ON COMMIT DROP AS
SELECT s.participant_id, s.mode, s.result, s.membership_id, s.cohort_id, s.is_counting,
    {state} AS state
FROM (
    SELECT f.participant_id, f.mode, f.result, m.id AS membership_id, m.cohort_id, m.mode_state,
        m.granted_at, m.exported_at, c.target, c.is_due, c.is_cancelled,
        row_number() OVER (PARTITION BY f.participant_id ORDER BY {order}) = 1 AS is_counting
    FROM found f LEFT JOIN cohorts_membership m ON m.participant_id = f.participant_id
    LEFT JOIN counting c ON c.cohort_id = m.cohort_id
    WHERE f.participant_id IS NOT NULL AND f.nth = 1
) s
"""
# A cohort that does not count is never drift: the person is past it, or it was dropped.
SEEN = """CASE
    WHEN s.membership_id IS NULL THEN 'waiting'
    WHEN lower(s.mode) = lower(s.target) THEN 'verified'
    WHEN s.is_cancelled THEN 'not_applicable'
    WHEN NOT s.is_due OR s.granted_at > %(fresh)s
        THEN CASE WHEN s.granted_at IS NULL THEN 'waiting' ELSE 'granted' END
    WHEN NOT s.is_counting THEN 'not_applicable'
    ELSE 'drift' END"""
# Results belong to the cohort that was exported last. A second import of them changes nothing.
GRANTED = """CASE
    WHEN s.membership_id IS NULL OR s.is_cancelled OR s.mode_state = 'verified' OR s.result = ''
        OR NOT s.is_counting OR s.granted_at >= COALESCE(s.exported_at, '-infinity')
        THEN COALESCE(s.mode_state, 'waiting')
    WHEN lower(s.result) = ANY(%(granted_as)s) THEN 'granted'
    ELSE 'failed' END"""
# Meetings are converted beside the mode: nothing of it moves a person's state.
CONVERTED = """CASE
    WHEN lower(s.result) = ANY(%(converted_as)s) THEN 'verified'
    WHEN lower(s.result) = ANY(%(unconverted_as)s) THEN 'failed'
    ELSE 'waiting' END"""
COUNT = """
SELECT (SELECT count(*) FROM found), (SELECT count(*) FROM found WHERE participant_id IS NULL),
    (SELECT count(*) FROM found WHERE participant_id IS NOT NULL AND nth > 1),
    count(*) FILTER (WHERE state = 'verified'), count(*) FILTER (WHERE state = 'drift'),
    count(*) FILTER (WHERE state = 'failed')
FROM judged WHERE is_counting
"""
# Waves before pilots, each in the order of people, as everybody locks them: nobody waits in a
# circle.
HOLD = """
WITH held AS (
    SELECT m.id, j.state, j.mode FROM cohorts_membership m
    JOIN judged j ON j.membership_id = m.id AND j.cohort_id = m.cohort_id
    WHERE {changed} ORDER BY m.kind DESC, m.participant_id FOR NO KEY UPDATE OF m
)
"""
MAY = "held.state = m.mode_state OR m.mode_state || '>' || held.state = ANY(%(allowed)s)"
NEWLY_SEEN = "m.mode_state <> j.state OR m.observed_mode <> j.mode OR m.observed_at IS NULL"
NEWLY_GRANTED = """
    j.is_counting AND (m.mode_state <> j.state OR j.state = 'granted')
    AND NOT COALESCE(m.granted_at >= COALESCE(m.exported_at, '-infinity'), FALSE)
"""
WRITE_SEEN = f"""
{HOLD.format(changed=NEWLY_SEEN)}
UPDATE cohorts_membership m SET observed_mode = held.mode,
    mode_state = CASE WHEN {MAY} THEN held.state ELSE m.mode_state END,
    observed_at = CASE WHEN m.observed_mode = held.mode AND m.observed_at IS NOT NULL
        THEN m.observed_at ELSE %(at)s END
FROM held WHERE m.id = held.id
"""
WRITE_GRANTED = f"""
{HOLD.format(changed=NEWLY_GRANTED)}
UPDATE cohorts_membership m SET mode_state = held.state,
    granted_at = CASE WHEN held.state = 'granted' THEN %(at)s ELSE m.granted_at END
FROM held WHERE m.id = held.id AND ({MAY})
RETURNING m.participant_id, m.cohort_id, m.mode_state
"""
REMEMBER = """
INSERT INTO cohorts_moderecord (participant_id, cohort_id, kind, mode, source, at)
SELECT j.participant_id, j.cohort_id, '{kind}', j.{told}, '{source}', %(at)s FROM judged j
LEFT JOIN LATERAL (
    SELECT r.mode FROM cohorts_moderecord r
    WHERE r.participant_id = j.participant_id AND r.kind = '{kind}'
    ORDER BY r.at DESC, r.id DESC LIMIT 1
) last ON TRUE
WHERE j.is_counting AND last.mode IS DISTINCT FROM j.{told} ORDER BY j.participant_id
"""
REMEMBER_SEEN = REMEMBER.format(kind="observed", told="mode", source="export")
REMEMBER_MEETINGS = REMEMBER.format(kind="meetings", told="result", source="meetings")
REMEMBER_GRANTED = f"""
WITH written AS ({WRITE_GRANTED})
INSERT INTO cohorts_moderecord (participant_id, cohort_id, kind, mode, source, at)
SELECT w.participant_id, w.cohort_id,
    CASE w.mode_state WHEN 'granted' THEN 'granted' ELSE 'refused' END, c.target, 'results', %(at)s
FROM written w JOIN counting c USING (cohort_id)
WHERE w.mode_state IN ('granted', 'failed') ORDER BY w.participant_id
"""


class Observed:
    """One export in one transaction. Lives on the connection's temporary schema.

    ``at`` is now; ``kind`` is what the file tells, see ``cohorts.modes.reading``.
    """

    def __init__(
        self,
        project: "Project",
        cohorts: Sequence[Counting],
        *,
        kind: str,
        observation: "Observation",
        at: datetime,
    ) -> None:
        self._cohorts = cohorts
        self._kind = kind
        self._values: dict[str, Any] = {
            "project": project.pk,
            "at": at,
            "fresh": at - GRACE,
            "allowed": ALLOWED,
            "granted_as": [word.lower() for word in observation.granted_as],
            "converted_as": [word.lower() for word in observation.converted_as],
            "unconverted_as": [word.lower() for word in observation.unconverted_as],
        }

    def fill(self, rows: "ObservationCopy") -> None:
        """Stream the rows into the temporary table."""
        columns = "".join(f", a{place} text" for place in rows.places)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '64MB'")
            for name in ("observed", "counting", "found", "judged"):
                cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
            cursor.execute(
                "CREATE TEMPORARY TABLE observed (line integer, mode text, result text"
                f"{columns}) ON COMMIT DROP"
            )
            cursor.copy_expert("COPY pg_temp.observed FROM STDIN", rows)

    def judge(self, places: Sequence[str]) -> tuple[int, ...]:
        """Rows, unknown, repeated, verified, drift, failed; each row is counted once."""
        self._fill_counting()
        listed = ", ".join(f"({place}, o.a{place})" for place in places)
        # Without figures the planner takes a temporary table for a small one.
        self._run("ANALYZE pg_temp.observed")
        self._run(FIND.format(places=listed))
        self._run("ANALYZE pg_temp.found")
        state = {MODES: SEEN, RESULTS: GRANTED, MEETINGS: CONVERTED}[self._kind]
        order = "m.exported_at DESC NULLS LAST, c.rank" if self._kind == RESULTS else "c.rank"
        self._run(JUDGE.format(state=state, order=order))
        with connection.cursor() as cursor:
            cursor.execute(COUNT)
            return tuple(cursor.fetchone())

    def write(self) -> None:
        """Bring memberships and history to what was judged; what is so already stays untouched."""
        for sql in {
            MODES: (WRITE_SEEN, REMEMBER_SEEN),
            RESULTS: (REMEMBER_GRANTED,),
            MEETINGS: (REMEMBER_MEETINGS,),
        }[self._kind]:
            self._run(sql)

    def _fill_counting(self) -> None:
        rows = self._cohorts
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE counting (cohort_id bigint, rank integer, is_due boolean,"
                " is_cancelled boolean, target text) ON COMMIT DROP"
            )
            cursor.execute(
                "INSERT INTO counting SELECT * FROM"
                " unnest(%s::bigint[], %s::int[], %s::bool[], %s::bool[], %s::text[])",
                [
                    [row.cohort for row in rows],
                    [row.rank for row in rows],
                    [row.is_due for row in rows],
                    [row.is_cancelled for row in rows],
                    [row.target for row in rows],
                ],
            )

    def _run(self, sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, self._values)
