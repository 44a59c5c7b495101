"""Whoever is no longer in a cohort, or has left, gets none of its mails that wait.

The same work as `outbox.withdraw`, done by the database: people are moved by many paths (pages,
commands, files, rules), and none of them may forget it. See docs/adr/0005.
"""

from typing import ClassVar

from django.db import migrations

# Occurrences first and rows after them, both by id, as everybody else locks them. The shared lock
# keeps a worker from collecting people by what was true before us until we have committed.
FORWARDS = """
CREATE FUNCTION communications_skip_waiting(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE communications_delivery
    SET state = 'skipped', reason = 'no longer among those it is for',
        owner = NULL, lease_until = NULL
    WHERE id = ANY(ids) AND state IN ('queued', 'claimed')
$$;

CREATE FUNCTION communications_hold_collecting(cohorts bigint[], projects bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM communications_occurrence
    WHERE (cohort_id = ANY(cohorts) OR project_id = ANY(projects))
      AND (state = 'expanding' OR (state = 'approved'
        AND due_at <= clock_timestamp() + interval '5 minutes'))
    ORDER BY id FOR SHARE;
END
$$;

CREATE FUNCTION communications_gone_from_cohort() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE cohorts bigint[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(DISTINCT o.cohort_id) INTO cohorts
        FROM old_rows o JOIN new_rows n USING (id) WHERE n.cohort_id <> o.cohort_id;
    ELSE
        SELECT array_agg(DISTINCT o.cohort_id) INTO cohorts FROM old_rows o;
    END IF;
    IF cohorts IS NULL THEN RETURN NULL; END IF;
    PERFORM communications_hold_collecting(cohorts, '{}');
    -- old_rows as a whole: who was in the cohort and still is has a membership.
    PERFORM communications_skip_waiting(array_agg(id)) FROM (
        SELECT d.id FROM communications_delivery d
        JOIN communications_occurrence c ON c.id = d.occurrence_id
        WHERE c.cohort_id = ANY(cohorts) AND d.state IN ('queued', 'claimed')
          AND EXISTS (SELECT FROM old_rows o
            WHERE o.participant_id = d.participant_id AND o.cohort_id = c.cohort_id)
          AND NOT EXISTS (SELECT FROM cohorts_membership m
            WHERE m.participant_id = d.participant_id AND m.cohort_id = c.cohort_id)
        ORDER BY d.id FOR UPDATE OF d
    ) stray;
    RETURN NULL;
END
$$;

CREATE FUNCTION communications_gone_from_project() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE projects bigint[];
BEGIN
    SELECT array_agg(DISTINCT n.project_id) INTO projects
    FROM old_rows o JOIN new_rows n USING (id)
    WHERE o.status = 'active' AND n.status <> 'active';
    IF projects IS NULL THEN RETURN NULL; END IF;
    PERFORM communications_hold_collecting('{}', projects);
    PERFORM communications_skip_waiting(array_agg(id)) FROM (
        SELECT d.id FROM communications_delivery d
        WHERE d.state IN ('queued', 'claimed') AND d.participant_id IN (
            SELECT n.id FROM old_rows o JOIN new_rows n USING (id)
            WHERE o.status = 'active' AND n.status <> 'active')
        ORDER BY d.id FOR UPDATE OF d
    ) stray;
    RETURN NULL;
END
$$;

CREATE TRIGGER gone_from_cohort_moved AFTER UPDATE ON cohorts_membership
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION communications_gone_from_cohort();

CREATE TRIGGER gone_from_cohort_deleted AFTER DELETE ON cohorts_membership
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION communications_gone_from_cohort();

CREATE TRIGGER gone_from_project AFTER UPDATE ON cohorts_participant
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION communications_gone_from_project();
"""

BACKWARDS = """
DROP TRIGGER gone_from_project ON cohorts_participant;
DROP TRIGGER gone_from_cohort_deleted ON cohorts_membership;
DROP TRIGGER gone_from_cohort_moved ON cohorts_membership;
DROP FUNCTION communications_gone_from_project();
DROP FUNCTION communications_gone_from_cohort();
DROP FUNCTION communications_hold_collecting(bigint[], bigint[]);
DROP FUNCTION communications_skip_waiting(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("communications", "0004_calendar_and_suppression_kinds"),
        ("cohorts", "0006_people_places_and_rules"),
    ]
    operations: ClassVar = [migrations.RunSQL(FORWARDS, BACKWARDS)]
