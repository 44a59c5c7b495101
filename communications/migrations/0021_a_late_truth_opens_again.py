"""Where an uncertain mail turns out not to have left, its occurrence is not done any more.

A worker that slept past its lease learns late that it handed nothing over, or that the server put
the mail off, and queues the row again. Meanwhile the occurrence may have been finished, for an
uncertain row keeps it open no longer; and rows of what is done are never looked at.
"""

from typing import ClassVar

from django.db import migrations

FORWARDS = """
CREATE FUNCTION communications_open_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever is just finishing it is waited for, and whoever finishes next finds this row.
    PERFORM FROM communications_occurrence WHERE id = NEW.occurrence_id FOR NO KEY UPDATE;
    UPDATE communications_occurrence SET state = 'sending', finished_at = NULL
    WHERE id = NEW.occurrence_id AND state = 'done';
    RETURN NULL;
END
$$;

CREATE TRIGGER open_again AFTER UPDATE OF state ON communications_delivery
FOR EACH ROW WHEN (OLD.state = 'uncertain' AND NEW.state = 'queued')
EXECUTE FUNCTION communications_open_again();
"""
BACKWARDS = """
DROP TRIGGER open_again ON communications_delivery;
DROP FUNCTION communications_open_again();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("communications", "0020_light_indexes")]
    operations: ClassVar = [migrations.RunSQL(FORWARDS, BACKWARDS)]
