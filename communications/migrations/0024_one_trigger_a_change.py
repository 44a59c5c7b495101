"""What follows from a delivery's change of state is one trigger, not four.

Each trigger of a row makes every statement that changes rows dearer, whether it fires or not, and a
mail that leaves changes its row three times. Nothing else changes.
"""

from typing import ClassVar

from django.db import migrations

FORWARDS = """
CREATE FUNCTION communications_delivery_turned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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

DROP TRIGGER ledger_reopened ON communications_delivery;
DROP TRIGGER open_again ON communications_delivery;
DROP TRIGGER told_sent ON communications_delivery;
DROP TRIGGER told_not ON communications_delivery;
DROP FUNCTION communications_ledger_forget();
DROP FUNCTION communications_open_again();
DROP FUNCTION communications_not_told();

CREATE TRIGGER turned AFTER UPDATE OF state ON communications_delivery
FOR EACH ROW WHEN (NEW.state <> OLD.state
    AND (NEW.state = 'sent' OR OLD.state NOT IN ('queued', 'claimed', 'sending')))
EXECUTE FUNCTION communications_delivery_turned();
"""
BACKWARDS = """
DROP TRIGGER turned ON communications_delivery;
DROP FUNCTION communications_delivery_turned();

CREATE FUNCTION communications_ledger_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM communications_deliverycount WHERE occurrence_id = OLD.occurrence_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION communications_open_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever is just finishing it is waited for, and whoever finishes next finds this row.
    PERFORM FROM communications_occurrence WHERE id = NEW.occurrence_id FOR NO KEY UPDATE;
    UPDATE communications_occurrence SET state = 'sending', finished_at = NULL
    WHERE id = NEW.occurrence_id AND state = 'done';
    RETURN NULL;
END
$$;

CREATE FUNCTION communications_not_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM communications_tell_again(ARRAY[OLD.participant_id], ARRAY[
        (SELECT cohort_id FROM communications_occurrence WHERE id = OLD.occurrence_id)]);
    RETURN NULL;
END
$$;

CREATE TRIGGER ledger_reopened AFTER UPDATE OF state ON communications_delivery
FOR EACH ROW WHEN (NEW.state <> OLD.state
    AND OLD.state IN ('sent', 'failed', 'skipped', 'uncertain', 'cancelled', 'quarantined'))
EXECUTE FUNCTION communications_ledger_forget();

CREATE TRIGGER open_again AFTER UPDATE OF state ON communications_delivery
FOR EACH ROW WHEN (OLD.state = 'uncertain' AND NEW.state = 'queued')
EXECUTE FUNCTION communications_open_again();

CREATE TRIGGER told_not AFTER UPDATE OF state ON communications_delivery
FOR EACH ROW WHEN (OLD.state = 'sent' AND NEW.state <> 'sent' AND OLD.participant_id IS NOT NULL)
EXECUTE FUNCTION communications_not_told();

CREATE TRIGGER told_sent AFTER UPDATE OF state ON communications_delivery
FOR EACH ROW WHEN (NEW.state = 'sent' AND OLD.state <> 'sent' AND NEW.participant_id IS NOT NULL)
EXECUTE FUNCTION communications_told();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("communications", "0023_what_gets_no_mail")]
    operations: ClassVar = [migrations.RunSQL(FORWARDS, BACKWARDS)]
