"""The text of the one statement of sending; `step` runs it.

$1 owner, $2 how far ahead we live, $3 the lease; $4-$11 what became of rows; $12-$14 rows at their
dot with the revision and the address key offered; $15 rows to begin; $16 all rows in hand then;
$17 which version of their values those at their dot were built from, $18 in which language (empty:
the message's own text), $19 of which occurrence they are; $20-$21 the cluster and the database this
connection leads to. No row is in two but $16.
"""

TYPES = """
    uuid, interval, interval,
    bigint[], text[], text[], text[], int[], text[], double precision[], int[],
    bigint[], int[], text[], bigint[], bigint[], int[],
    text[], bigint[], text, bigint
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
# row is marked. OFFSET 0 keeps that a look at one row. coalesce() keeps the indexes on lease_until
# and on the state out of the plan, whatever the statistics say: every row is found by its key. An
# uncertain row keeps its owner, who may still learn the truth. A row that was begun and has an
# outcome was no death: claims starts again from zero.
STEP = """
    WITH locked AS MATERIALIZED (
        SELECT d.id FROM communications_delivery d
        WHERE d.id = ANY ($4 || $12) AND d.owner = $1 AND (
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
        WHERE o.id = ANY ($19) AND o.state IN ('expanding', 'sending')
          AND (o.not_after IS NULL OR o.not_after > clock_timestamp() + $2)
          AND m.status = 'active' AND p.status = 'active'
          AND (
              SELECT s.is_on AND s.system_identifier = $20 AND s.database_oid = $21
              FROM communications_sendswitch s WHERE s.id = 1
          )
    ),
    settled AS (
        UPDATE communications_delivery AS d
        SET state = r.state, reason = left(r.reason, 200), smtp_code = r.code,
            smtp_text = left(r.text, 500), attempts = d.attempts + r.tried, claims = 0,
            sent_at = CASE WHEN r.state = 'sent' THEN clock_timestamp() + $2 END,
            not_before = CASE WHEN r.state = 'queued' AND r.wait > 0
                THEN clock_timestamp() + $2 + r.wait * interval '1 second' ELSE d.not_before END,
            owner = CASE WHEN r.state = 'uncertain' THEN d.owner END,
            lease_until = NULL
        FROM unnest($4, $5, $6, $7, $8, $9, $10, $11)
            AS r (id, state, held, reason, code, text, wait, tried)
        JOIN locked ON locked.id = r.id
        WHERE d.id = r.id AND d.owner = $1 AND strpos(r.held, d.state) > 0
    ),
    marked AS (
        UPDATE communications_delivery AS d
        SET state = 'sending', attempts = d.attempts + 1,
            content_revision = k.revision, language = k.language,
            lease_until = clock_timestamp() + $2 + $3
        FROM unnest($12, $13, $14, $17, $18, $19)
            AS k (id, revision, address, version, language, occurrence)
        JOIN locked ON locked.id = k.id
        JOIN going ON going.id = k.occurrence AND going.values_version = k.version
        WHERE d.id = k.id AND coalesce(d.state, '') = 'claimed' AND d.owner = $1
          AND (SELECT count(*) FROM locked WHERE locked.id = ANY ($4)) = cardinality($4)
          AND coalesce(d.lease_until, '-infinity') > clock_timestamp() + $2
          AND (going.is_mandatory OR NOT EXISTS (
              SELECT FROM communications_unsubscription u WHERE u.address_key = k.address
          ))
          AND NOT EXISTS (
              SELECT FROM communications_suppression
              WHERE address_key = k.address AND (until IS NULL OR until > clock_timestamp() + $2)
          )
        RETURNING d.id
    ),
    in_hand AS (
        INSERT INTO communications_inhand (owner, ids, at)
        SELECT $1, $16, clock_timestamp() WHERE cardinality($15) > 0
        ON CONFLICT (owner) DO UPDATE SET ids = excluded.ids, at = excluded.at
    ),
    begun AS (
        SELECT id FROM communications_delivery
        WHERE id = ANY ($15) AND owner = $1 AND coalesce(state, '') = 'claimed'
          AND coalesce(lease_until, '-infinity') > clock_timestamp() + $2
    )
    SELECT ARRAY(SELECT id FROM marked), ARRAY(SELECT id FROM begun), ARRAY(SELECT id FROM locked)
"""
PLACES = ", ".join(["%s"] * 21)
