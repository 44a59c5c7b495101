"""Noting that somebody was told costs a mail next to nothing.

It happens once for each mail, in the statement that records it: such an update moves nobody, so it
passes the triggers that watch memberships by, and counts itself.
"""

from typing import ClassVar

from django.db import migrations

# Two statements, because the second must see what whoever held the row before has committed.
FORWARDS = """
CREATE FUNCTION cohorts_tell(of_participant bigint, of_cohort bigint, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE is_furthest boolean;
BEGIN
    -- Not as a property of the function: to declare that takes a superuser.
    PERFORM set_config('upgrade_tracker.only_tells', 'on', TRUE);
    UPDATE cohorts_membership SET told_at = at
    WHERE cohort_id = of_cohort AND participant_id = of_participant AND told_at IS NULL
    RETURNING switched_at IS NULL AND mode_state <> 'verified' AND blocked_since IS NULL
        AND deferred_from_id IS NULL INTO is_furthest;
    PERFORM set_config('upgrade_tracker.only_tells', 'off', TRUE);
    IF is_furthest IS NOT NULL THEN
        INSERT INTO cohorts_cohortcount (project_id, cohort_id, told, told_only)
        SELECT p.project_id, of_cohort, 1, is_furthest::int
        FROM cohorts_participant p WHERE p.id = of_participant AND p.status = 'active';
        IF random() < 0.01 THEN
            PERFORM cohorts_fold_counts((SELECT project_id FROM cohorts_cohort WHERE id = of_cohort));
        END IF;
    END IF;
END
$$;

DROP TRIGGER count_update ON cohorts_membership;
CREATE TRIGGER count_update AFTER UPDATE ON cohorts_membership
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT
WHEN (current_setting('upgrade_tracker.only_tells', TRUE) IS DISTINCT FROM 'on')
EXECUTE FUNCTION cohorts_count_changed();

DROP TRIGGER places_moved ON cohorts_membership;
CREATE TRIGGER places_moved AFTER UPDATE ON cohorts_membership
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT
WHEN (current_setting('upgrade_tracker.only_tells', TRUE) IS DISTINCT FROM 'on')
EXECUTE FUNCTION cohorts_places_moved();

-- Room for the next version of a row on its own page, so that no index is written.
ALTER TABLE cohorts_membership SET (fillfactor = 80);
"""

BACKWARDS = """
ALTER TABLE cohorts_membership RESET (fillfactor);

DROP TRIGGER places_moved ON cohorts_membership;
CREATE TRIGGER places_moved AFTER UPDATE ON cohorts_membership
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION cohorts_places_moved();

DROP TRIGGER count_update ON cohorts_membership;
CREATE TRIGGER count_update AFTER UPDATE ON cohorts_membership
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION cohorts_count_changed();

DROP FUNCTION cohorts_tell(bigint, bigint, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cohorts", "0010_rosters_in_parts")]
    operations: ClassVar = [migrations.RunSQL(FORWARDS, BACKWARDS)]
