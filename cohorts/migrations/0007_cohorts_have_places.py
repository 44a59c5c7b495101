"""A cohort never has more active people than places, whoever writes and by which path.

Raises SQLSTATE UT001; ``cohorts.services.capacity`` makes a sentence of it.
"""

from typing import ClassVar

from django.db import migrations

# Cohorts without a limit are share-locked, so that nobody sets one beside us and counts without
# our people; the others one after the other by id. Each statement of the function has a snapshot of
# its own: what is counted after the lock is what whoever had it before us has committed.
FORWARDS = """
CREATE FUNCTION cohorts_keep_places(cohorts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE cohort record; people bigint;
BEGIN
    IF cohorts IS NULL THEN RETURN; END IF;
    PERFORM 1 FROM cohorts_cohort
    WHERE id = ANY(cohorts) AND capacity IS NULL ORDER BY id FOR SHARE;
    FOR cohort IN SELECT id, capacity FROM cohorts_cohort
        WHERE id = ANY(cohorts) AND capacity IS NOT NULL ORDER BY id FOR NO KEY UPDATE
    LOOP
        -- From the index alone; only where it is not plainly enough are those who left looked up.
        SELECT count(*) INTO people FROM cohorts_membership WHERE cohort_id = cohort.id;
        IF people > cohort.capacity THEN
            SELECT count(*) INTO people FROM cohorts_membership m
            JOIN cohorts_participant p ON p.id = m.participant_id
            WHERE m.cohort_id = cohort.id AND p.status = 'active';
        END IF;
        IF people > cohort.capacity THEN
            RAISE EXCEPTION 'more people than places' USING ERRCODE = 'UT001',
                TABLE = 'cohorts_cohort', CONSTRAINT = 'cohort_has_places',
                DETAIL = json_build_object(
                    'cohort', cohort.id, 'places', cohort.capacity, 'people', people);
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION cohorts_places_joined() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cohorts_keep_places(ARRAY(SELECT DISTINCT cohort_id FROM new_rows));
    RETURN NULL;
END
$$;

CREATE FUNCTION cohorts_places_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cohorts_keep_places(ARRAY(
        SELECT DISTINCT n.cohort_id FROM old_rows o JOIN new_rows n USING (id)
        WHERE n.cohort_id <> o.cohort_id));
    RETURN NULL;
END
$$;

CREATE FUNCTION cohorts_places_returned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows WHERE status <> 'active') THEN
        PERFORM cohorts_keep_places(ARRAY(
            SELECT DISTINCT m.cohort_id FROM old_rows o JOIN new_rows n USING (id)
            JOIN cohorts_membership m ON m.participant_id = n.id
            WHERE o.status <> 'active' AND n.status = 'active'));
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION cohorts_places_lowered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cohorts_keep_places(ARRAY[NEW.id]);
    RETURN NULL;
END
$$;

CREATE TRIGGER places_joined AFTER INSERT ON cohorts_membership
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION cohorts_places_joined();

CREATE TRIGGER places_moved AFTER UPDATE ON cohorts_membership
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION cohorts_places_moved();

CREATE TRIGGER places_returned AFTER UPDATE ON cohorts_participant
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION cohorts_places_returned();

CREATE TRIGGER places_lowered AFTER UPDATE OF capacity ON cohorts_cohort
FOR EACH ROW WHEN (NEW.capacity IS NOT NULL AND NEW.capacity IS DISTINCT FROM OLD.capacity)
EXECUTE FUNCTION cohorts_places_lowered();
"""

BACKWARDS = """
DROP TRIGGER places_lowered ON cohorts_cohort;
DROP TRIGGER places_returned ON cohorts_participant;
DROP TRIGGER places_moved ON cohorts_membership;
DROP TRIGGER places_joined ON cohorts_membership;
DROP FUNCTION cohorts_places_lowered();
DROP FUNCTION cohorts_places_returned();
DROP FUNCTION cohorts_places_moved();
DROP FUNCTION cohorts_places_joined();
DROP FUNCTION cohorts_keep_places(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cohorts", "0006_people_places_and_rules")]
    operations: ClassVar = [migrations.RunSQL(FORWARDS, BACKWARDS)]
