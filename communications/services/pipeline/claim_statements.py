"""The texts of the statements that claim rows; `claim` runs them."""

# Where not all of them get a turn, what a person ordered now mostly does, and starves nobody.
# Its first row, and not whether there is one: while most rows are queued the planner would look for
# any of them from the table's beginning, where a million were sent.
WITH_WORK = """
    SELECT o.id
    FROM communications_occurrence o
    JOIN communications_message m ON m.id = o.message_id
    JOIN projects_project p ON p.id = o.project_id
    WHERE o.state IN ('expanding', 'sending') AND m.status = 'active' AND p.status = 'active'
      AND m.channel = 'mail' AND m.audience_kind = ANY(%(kinds)s)
      AND (%(project)s IS NULL OR o.project_id = %(project)s)
      AND (
          SELECT d.id FROM communications_delivery d
          WHERE d.occurrence_id = o.id AND d.state = 'queued'
            AND d.not_before <= (SELECT clock_timestamp() + %(ahead)s::interval)
          ORDER BY d.not_before, d.id
          LIMIT 1
      ) IS NOT NULL
    ORDER BY random() * CASE WHEN o.ordered_at IS NULL THEN 4 ELSE 1 END
    LIMIT %(limit)s
"""
# psycopg2 writes the numbers into the statement, so LIMIT is a literal: as a parameter of a
# generic plan it would make PostgreSQL read the whole table.
PICK = """
    SELECT d.id, d.occurrence_id, coalesce(d.participant_id, d.stakeholder_id), d.recipient_key,
           d.message_id, d.attempts, d.claims, d.is_short
    FROM unnest(%(occurrences)s) AS known (id)
    JOIN communications_occurrence o ON o.id = known.id AND o.state IN ('expanding', 'sending')
    JOIN communications_message m ON m.id = o.message_id AND m.status = 'active'
    JOIN projects_project p ON p.id = o.project_id AND p.status = 'active'
    CROSS JOIN LATERAL (
        SELECT * FROM communications_delivery
        WHERE occurrence_id = o.id AND state = 'queued'
          AND not_before <= (SELECT clock_timestamp() + %(ahead)s::interval)
        ORDER BY not_before, id
        LIMIT %(share)s
        FOR UPDATE SKIP LOCKED
    ) AS d
"""
# coalesce() keeps the index of what is queued out of the plan: a million rows may be. A list in a
# SELECT of its own is of unknown length: for hundreds of rows the planner would read tens of
# thousands of them one after the other.
WRITE = """
    UPDATE communications_delivery AS d
    SET state = v.state, address = left(v.address, 320), reason = left(v.reason, 200),
        not_before = coalesce(v.later, d.not_before),
        owner = CASE WHEN v.state = 'claimed' THEN %(owner)s::uuid END,
        lease_until = CASE WHEN v.state = 'claimed' THEN
            clock_timestamp() + %(ahead)s::interval + %(lease)s::interval END
    FROM unnest(
        (SELECT %(ids)s::bigint[]), (SELECT %(states)s::text[]), (SELECT %(addresses)s::text[]),
        (SELECT %(reasons)s::text[]), (SELECT %(laters)s::timestamptz[])
    ) AS v (id, state, address, reason, later)
    WHERE d.id = v.id AND coalesce(d.state, '') = 'queued'
"""
