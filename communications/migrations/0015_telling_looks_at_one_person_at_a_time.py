"""Who was told is looked up person by person, whatever the planner knows of the tables.

After a bulk load without fresh figures a join of mails and members did not end in minutes.
"""

from typing import ClassVar

from django.db import migrations

# OFFSET 0 keeps the look at one person's mails apart, so that it goes by their own index.
FORWARDS = """
CREATE OR REPLACE FUNCTION communications_tell_again(participants bigint[], cohorts bigint[])
RETURNS void LANGUAGE sql AS $$
    WITH asked AS MATERIALIZED (
        SELECT m.id, m.participant_id, m.cohort_id
        FROM unnest(participants, cohorts) AS a (participant_id, cohort_id)
        JOIN cohorts_membership m USING (participant_id, cohort_id)
    ), told AS MATERIALIZED (
        SELECT a.id, (
            SELECT min(mine.at) FROM (
                SELECT d.occurrence_id, coalesce(d.sent_at, d.not_before) AS at
                FROM communications_delivery d
                WHERE d.participant_id = a.participant_id AND d.state = 'sent' OFFSET 0
            ) mine
            JOIN communications_occurrence o ON o.id = mine.occurrence_id
            WHERE o.cohort_id = a.cohort_id
        ) AS at
        FROM asked a
    )
    UPDATE cohorts_membership m SET told_at = told.at FROM told
    WHERE m.id = told.id AND m.told_at IS DISTINCT FROM told.at
$$;
"""
BACKWARDS = """
CREATE OR REPLACE FUNCTION communications_tell_again(participants bigint[], cohorts bigint[])
RETURNS void LANGUAGE sql AS $$
    WITH asked AS MATERIALIZED (
        SELECT m.id, m.participant_id, m.cohort_id
        FROM unnest(participants, cohorts) AS a (participant_id, cohort_id)
        JOIN cohorts_membership m USING (participant_id, cohort_id)
    ), told AS (
        SELECT a.id, min(coalesce(d.sent_at, d.not_before)) AS at
        FROM asked a JOIN communications_occurrence o ON o.cohort_id = a.cohort_id
        JOIN communications_delivery d
            ON d.occurrence_id = o.id AND d.participant_id = a.participant_id
        WHERE d.state = 'sent' GROUP BY a.id
    )
    UPDATE cohorts_membership m SET told_at = told.at FROM asked LEFT JOIN told USING (id)
    WHERE m.id = asked.id AND m.told_at IS DISTINCT FROM told.at
$$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("communications", "0014_who_joins_later")]
    operations: ClassVar = [migrations.RunSQL(FORWARDS, BACKWARDS)]
