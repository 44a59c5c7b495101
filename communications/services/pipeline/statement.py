"""The text of the one statement of sending; `step` runs it.

$1 owner, $2 how far ahead we live, $3 the lease. $4 the rows to write: first the $19 of which an
outcome is known, then those at their dot. $5-$11 of the former the state to be, states it must be
in, reason, the server's code and words, seconds to wait, whether that counts as an attempt.
$12-$16 of the latter the revision and language offered, the occurrence, the version of its values
they were built from, and the address key offered. $17-$18 the cluster and the database this
connection leads to. With begins $20 them, $21 all rows in hand then. No row is in two but $21.
"""

from typing import NamedTuple

_TYPES = """
    uuid, interval, interval,
    bigint[], text[], text[], text[], int[], text[], double precision[], int[], int[], text[],
    bigint[], bigint[], text[], text, bigint, int
"""
# What a connection leads to never changes; asked once, for it is read from a file.
IDENTITY = """
    SELECT system_identifier::text,
        (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
    FROM pg_control_system()
"""
# SKIP LOCKED: whoever has a row of ours just now is about to make it unwanted. Not to wait keeps
# the other connections going and rules out a deadlock. A mail that was sent tells its membership,
# by a trigger; whoever moves people locks memberships first and mails second, so this does as well,
# and a result whose membership somebody else has is left for later like one whose row is. Then no
# row is marked. OFFSET 0 keeps that a look at one row. One update for both, for what it costs to
# begin one is much of what a mail costs. What is to be written of a row is found in the lists by
# the place that its id has in $4, and beyond their ends is NULL: to unnest a dozen is dearer.
# coalesce() keeps the index on lease_until out of the plan, whatever the statistics say: every row
# is found by its key. An uncertain row keeps its owner, who may still learn the truth. A row that
# was begun and has an outcome was no death: claims starts again from zero.
_WRITE = """
    WITH locked AS MATERIALIZED (
        SELECT d.id, array_position($4, d.id) AS place FROM communications_delivery d
        WHERE d.id = ANY ($4) AND d.owner = $1 AND (
            d.state = 'claimed' OR NOT EXISTS (
                SELECT FROM communications_occurrence o JOIN cohorts_membership m
                    ON m.cohort_id = o.cohort_id AND m.participant_id = d.participant_id
                WHERE o.id = d.occurrence_id AND m.told_at IS NULL OFFSET 0
            ) OR EXISTS (
                SELECT FROM communications_occurrence o JOIN cohorts_membership m
                    ON m.cohort_id = o.cohort_id AND m.participant_id = d.participant_id
                WHERE o.id = d.occurrence_id
                FOR NO KEY UPDATE OF m SKIP LOCKED
            )
        )
        FOR NO KEY UPDATE SKIP LOCKED
    ),
    going AS MATERIALIZED (
        SELECT o.id, o.values_version, m.is_mandatory
        FROM communications_occurrence o
        JOIN communications_message m ON m.id = o.message_id
        JOIN projects_project p ON p.id = o.project_id
        WHERE o.id = ANY ($14) AND o.state IN ('expanding', 'sending')
          AND (o.not_after IS NULL OR o.not_after > clock_timestamp() + $2)
          AND m.status = 'active' AND p.status = 'active'
          AND (
              SELECT s.is_on AND s.system_identifier = $17 AND s.database_oid = $18
              FROM communications_sendswitch s WHERE s.id = 1
          )
          AND (SELECT count(*) FROM locked WHERE place <= $19) = $19
    ),
    written AS (
        UPDATE communications_delivery AS d
        SET state = r.state, attempts = d.attempts + r.tried,
            reason = coalesce(left(r.reason, 200), d.reason),
            smtp_code = CASE WHEN r.is_mark THEN d.smtp_code ELSE r.code END,
            smtp_text = coalesce(left(r.text, 500), d.smtp_text),
            content_revision = coalesce(r.revision, d.content_revision),
            language = coalesce(r.language, d.language),
            claims = CASE WHEN r.is_mark THEN d.claims ELSE 0 END,
            sent_at = CASE WHEN r.state = 'sent' THEN clock_timestamp() + $2 END,
            not_before = CASE WHEN r.state = 'queued' AND r.wait > 0
                THEN clock_timestamp() + $2 + r.wait * interval '1 second' ELSE d.not_before END,
            owner = CASE WHEN r.is_mark OR r.state = 'uncertain' THEN d.owner END,
            lease_until = CASE WHEN r.is_mark THEN clock_timestamp() + $2 + $3 END
        FROM (
            SELECT id, place > $19 AS is_mark,
                coalesce(($5)[place], 'sending') AS state, coalesce(($6)[place], 'claimed') AS held,
                ($7)[place] AS reason, ($8)[place] AS code, ($9)[place] AS text,
                ($10)[place] AS wait, coalesce(($11)[place], 1) AS tried,
                ($12)[place - $19] AS revision, ($13)[place - $19] AS language,
                ($14)[place - $19] AS occurrence, ($15)[place - $19] AS version,
                ($16)[place - $19] AS address
            FROM locked
        ) AS r
        LEFT JOIN going ON going.id = r.occurrence AND going.values_version = r.version
        WHERE d.id = r.id AND d.owner = $1 AND strpos(r.held, d.state) > 0
          AND (r.state <> 'sending' OR (
              going.id IS NOT NULL
              AND coalesce(d.lease_until, '-infinity') > clock_timestamp() + $2
              AND (going.is_mandatory OR NOT EXISTS (
                  SELECT FROM communications_unsubscription u WHERE u.address_key = r.address
              ))
              AND NOT EXISTS (
                  SELECT FROM communications_suppression s
                  WHERE s.address_key = r.address
                    AND (s.until IS NULL OR s.until > clock_timestamp() + $2)
              )
          ))
        RETURNING d.id, d.state
    )
"""
_BEGIN = """,
    in_hand AS (
        INSERT INTO communications_inhand (owner, ids, at) VALUES ($1, $21, clock_timestamp())
        ON CONFLICT (owner) DO UPDATE SET ids = excluded.ids, at = excluded.at
    ),
    begun AS (
        SELECT id FROM communications_delivery
        WHERE id = ANY ($20) AND owner = $1 AND coalesce(state, '') = 'claimed'
          AND coalesce(lease_until, '-infinity') > clock_timestamp() + $2
    )
"""
_ANSWER = """
    SELECT ARRAY(SELECT id FROM locked), ARRAY(SELECT id FROM written WHERE state = 'sending')
"""


class Statement(NamedTuple):
    """Prepared under a name that begins with ``called``."""

    called: str
    types: str
    text: str

    def prepare(self, name: str) -> str:
        return f"PREPARE {self.called}_{name} ({self.types}) AS {self.text}"

    def execute(self, name: str) -> str:
        places = ", ".join(["%s"] * (self.types.count(",") + 1))
        return f"EXECUTE {self.called}_{name} ({places})"

    def forget(self, name: str) -> str:
        return f"DEALLOCATE {self.called}_{name}"


WRITE = Statement("write", _TYPES, _WRITE + _ANSWER)
# A statement is paid for by its parts, used or not, so what begins rows is one of its own.
WRITE_AND_BEGIN = Statement(
    "begin",
    f"{_TYPES}, bigint[], bigint[]",
    f"{_WRITE}{_BEGIN}{_ANSWER}, ARRAY(SELECT id FROM begun)",  # noqa: S608
)
