"""Membership.told_at is true at any moment: a mail of this cohort was accepted for this person.

A mail's own trigger is one of rows with a condition, not of statements: the pipeline writes a row
at a time, and a claim or a mark must not pay for what it does not do. Memberships are looked at by
statements, because people are moved by the thousand.
"""

from typing import ClassVar

from django.db import migrations

FORWARDS = """
CREATE FUNCTION communications_told() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE cohort bigint;
BEGIN
    SELECT cohort_id INTO cohort FROM communications_occurrence WHERE id = NEW.occurrence_id;
    IF cohort IS NOT NULL THEN
        PERFORM cohorts_tell(NEW.participant_id, cohort, coalesce(NEW.sent_at, clock_timestamp()));
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION communications_tell_again(participants bigint[], cohorts bigint[])
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

CREATE FUNCTION communications_not_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM communications_tell_again(ARRAY[OLD.participant_id], ARRAY[
        (SELECT cohort_id FROM communications_occurrence WHERE id = OLD.occurrence_id)]);
    RETURN NULL;
END
$$;

CREATE FUNCTION communications_told_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM communications_tell_again(array_agg(participant_id), array_agg(cohort_id)) FROM (
        SELECT d.participant_id, o.cohort_id FROM old_rows d
        JOIN communications_occurrence o ON o.id = d.occurrence_id
        WHERE d.state = 'sent' AND d.participant_id IS NOT NULL AND o.cohort_id IS NOT NULL
    ) gone;
    RETURN NULL;
END
$$;

-- Where a mail of the new cohort is just being handed over, its result is waited for: whoever comes
-- first, one of the two sees the other.
CREATE FUNCTION communications_told_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE participants bigint[]; cohorts bigint[]; told boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(n.participant_id), array_agg(n.cohort_id),
            bool_or(n.told_at IS NOT NULL) INTO participants, cohorts, told
        FROM old_rows o JOIN new_rows n ON n.id = o.id WHERE n.cohort_id <> o.cohort_id;
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

CREATE TRIGGER told_made AFTER INSERT ON communications_delivery
FOR EACH ROW WHEN (NEW.state = 'sent' AND NEW.participant_id IS NOT NULL)
EXECUTE FUNCTION communications_told();

CREATE TRIGGER told_sent AFTER UPDATE OF state ON communications_delivery
FOR EACH ROW WHEN (NEW.state = 'sent' AND OLD.state <> 'sent' AND NEW.participant_id IS NOT NULL)
EXECUTE FUNCTION communications_told();

CREATE TRIGGER told_not AFTER UPDATE OF state ON communications_delivery
FOR EACH ROW WHEN (OLD.state = 'sent' AND NEW.state <> 'sent' AND OLD.participant_id IS NOT NULL)
EXECUTE FUNCTION communications_not_told();

CREATE TRIGGER told_gone AFTER DELETE ON communications_delivery
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION communications_told_gone();

CREATE TRIGGER told_joined AFTER INSERT ON cohorts_membership
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION communications_told_moved();

CREATE TRIGGER told_moved AFTER UPDATE ON cohorts_membership
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT
WHEN (current_setting('upgrade_tracker.only_tells', TRUE) IS DISTINCT FROM 'on')
EXECUTE FUNCTION communications_told_moved();

DROP TRIGGER gone_from_cohort_moved ON cohorts_membership;
CREATE TRIGGER gone_from_cohort_moved AFTER UPDATE ON cohorts_membership
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT
WHEN (current_setting('upgrade_tracker.only_tells', TRUE) IS DISTINCT FROM 'on')
EXECUTE FUNCTION communications_gone_from_cohort();

SELECT communications_tell_again(array_agg(participant_id), array_agg(cohort_id))
FROM cohorts_membership;
"""

BACKWARDS = """
DROP TRIGGER gone_from_cohort_moved ON cohorts_membership;
CREATE TRIGGER gone_from_cohort_moved AFTER UPDATE ON cohorts_membership
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION communications_gone_from_cohort();
DROP TRIGGER told_moved ON cohorts_membership;
DROP TRIGGER told_joined ON cohorts_membership;
DROP TRIGGER told_gone ON communications_delivery;
DROP TRIGGER told_not ON communications_delivery;
DROP TRIGGER told_sent ON communications_delivery;
DROP TRIGGER told_made ON communications_delivery;
DROP FUNCTION communications_told_moved();
DROP FUNCTION communications_told_gone();
DROP FUNCTION communications_not_told();
DROP FUNCTION communications_told();
DROP FUNCTION communications_tell_again(bigint[], bigint[]);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("communications", "0006_bounces"),
        ("cohorts", "0011_telling_is_light"),
    ]
    operations: ClassVar = [migrations.RunSQL(FORWARDS, BACKWARDS)]
