"""The condition of a delivery's trigger is short: each statement that changes rows reads it anew.

That a state was set to what it is happens so rarely that the function may find out.
"""

from typing import ClassVar

from django.db import migrations

FORWARDS = """
CREATE OR REPLACE FUNCTION communications_delivery_turned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = OLD.state THEN
        RETURN NULL;
    END IF;
    IF OLD.state NOT IN ('queued', 'claimed', 'sending') THEN
        DELETE FROM communications_deliverycount WHERE occurrence_id = OLD.occurrence_id;
    END IF;
    IF OLD.state = 'uncertain' AND NEW.state = 'queued' THEN
        -- Whoever is just finishing it is waited for, and whoever finishes next finds this row.
        PERFORM FROM communications_occurrence WHERE id = NEW.occurrence_id FOR NO KEY UPDATE;
        UPDATE communications_occurrence SET state = 'sending', finished_at = NULL
        WHERE id = NEW.occurrence_id AND state = 'done';
    END IF;
    IF NEW.state = 'sent' AND NEW.participant_id IS NOT NULL THEN
        PERFORM cohorts_tell(
            NEW.participant_id, o.cohort_id, coalesce(NEW.sent_at, clock_timestamp()))
        FROM communications_occurrence o
        WHERE o.id = NEW.occurrence_id AND o.cohort_id IS NOT NULL;
    ELSIF OLD.state = 'sent' AND OLD.participant_id IS NOT NULL THEN
        PERFORM communications_tell_again(ARRAY[OLD.participant_id], ARRAY[
            (SELECT cohort_id FROM communications_occurrence WHERE id = OLD.occurrence_id)]);
    END IF;
    RETURN NULL;
END
$$;

DROP TRIGGER turned ON communications_delivery;
CREATE TRIGGER turned AFTER UPDATE OF state ON communications_delivery
FOR EACH ROW WHEN (NEW.state = 'sent'
    OR OLD.state <> ALL ('{queued,claimed,sending}'::text[]))
EXECUTE FUNCTION communications_delivery_turned();
"""
# The function may keep its own look at the state.
BACKWARDS = """
DROP TRIGGER turned ON communications_delivery;
CREATE TRIGGER turned AFTER UPDATE OF state ON communications_delivery
FOR EACH ROW WHEN (NEW.state <> OLD.state
    AND (NEW.state = 'sent' OR OLD.state NOT IN ('queued', 'claimed', 'sending')))
EXECUTE FUNCTION communications_delivery_turned();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("communications", "0025_checks_of_a_delivery")]
    operations: ClassVar = [migrations.RunSQL(FORWARDS, BACKWARDS)]
