"""What watches memberships and people is planned for as many rows as there are.

A function keeps the plan of its first calls, which were for a person or two: nested loops over the
rows of the statement. Ten thousand people moved at once took 20 seconds so, a million would never
have ended. What changed is found by EXCEPT, and whose mails wait by a statement planned each time.
"""

from typing import ClassVar

from django.db import migrations

FORWARDS = """
CREATE OR REPLACE FUNCTION communications_gone_from_cohort() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE cohorts bigint[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(DISTINCT moved.cohort_id) INTO cohorts FROM (
            SELECT id, cohort_id FROM old_rows EXCEPT SELECT id, cohort_id FROM new_rows
        ) moved;
    ELSE
        SELECT array_agg(DISTINCT o.cohort_id) INTO cohorts FROM old_rows o;
    END IF;
    IF cohorts IS NULL THEN RETURN NULL; END IF;
    PERFORM communications_hold_collecting(cohorts, '{}');
    -- old_rows as a whole: who was in the cohort and still is has a membership.
    EXECUTE $query$
        SELECT communications_skip_waiting(array_agg(id)) FROM (
            SELECT d.id FROM communications_delivery d
            JOIN communications_occurrence c ON c.id = d.occurrence_id
            WHERE c.cohort_id = ANY($1) AND d.state IN ('queued', 'claimed')
              AND EXISTS (SELECT FROM old_rows o
                WHERE o.participant_id = d.participant_id AND o.cohort_id = c.cohort_id)
              AND NOT EXISTS (SELECT FROM cohorts_membership m
                WHERE m.participant_id = d.participant_id AND m.cohort_id = c.cohort_id)
            ORDER BY d.id FOR UPDATE OF d
        ) stray
    $query$ USING cohorts;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION communications_gone_from_project() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE projects bigint[];
BEGIN
    SELECT array_agg(DISTINCT gone.project_id) INTO projects FROM (
        SELECT id, project_id FROM new_rows WHERE status <> 'active'
        EXCEPT SELECT id, project_id FROM old_rows WHERE status <> 'active'
    ) gone;
    IF projects IS NULL THEN RETURN NULL; END IF;
    PERFORM communications_hold_collecting('{}', projects);
    EXECUTE $query$
        SELECT communications_skip_waiting(array_agg(id)) FROM (
            SELECT d.id FROM communications_delivery d
            WHERE d.state IN ('queued', 'claimed') AND d.participant_id IN (
                SELECT n.id FROM old_rows o JOIN new_rows n USING (id)
                WHERE o.status = 'active' AND n.status <> 'active')
            ORDER BY d.id FOR UPDATE OF d
        ) stray
    $query$;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION communications_told_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE participants bigint[]; cohorts bigint[]; told boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        EXECUTE $query$
            SELECT array_agg(n.participant_id), array_agg(n.cohort_id),
                bool_or(n.told_at IS NOT NULL)
            FROM old_rows o JOIN new_rows n ON n.id = o.id WHERE n.cohort_id <> o.cohort_id
        $query$ INTO participants, cohorts, told;
    ELSE
        SELECT array_agg(participant_id), array_agg(cohort_id), bool_or(told_at IS NOT NULL)
        INTO participants, cohorts, told FROM new_rows;
    END IF;
    IF participants IS NULL THEN RETURN NULL; END IF;
    PERFORM FROM (
        SELECT 1 FROM communications_delivery d
        JOIN communications_occurrence o ON o.id = d.occurrence_id
        WHERE o.cohort_id = ANY(ARRAY(SELECT DISTINCT unnest(cohorts)))
          AND d.state IN ('sending', 'uncertain') AND d.participant_id = ANY(participants)
        ORDER BY d.id FOR SHARE OF d
    ) held;
    IF told OR EXISTS (
        SELECT FROM communications_occurrence o
        WHERE o.cohort_id = ANY(ARRAY(SELECT DISTINCT unnest(cohorts))) AND EXISTS (
            SELECT FROM communications_delivery d
            WHERE d.occurrence_id = o.id AND d.state = 'sent')
    ) THEN
        PERFORM communications_tell_again(participants, cohorts);
    END IF;
    RETURN NULL;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("communications", "0010_unsubscriptions"),
        ("cohorts", "0011_telling_is_light"),
    ]
    # The functions did the same before, slower: nothing to go back to.
    operations: ClassVar = [migrations.RunSQL(FORWARDS, migrations.RunSQL.noop)]
