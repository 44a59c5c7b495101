"""The ledger of an occurrence that is done is counted once and kept.

A million rows would be counted for every page that shows them. Nothing is counted while mails go
out: the hot statements of the pipeline pass all of these triggers by.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

# Whoever is just writing down a late answer of a mail server is waited for: whoever comes first,
# one of the two sees the other. Rows are queued again under the lock of their occurrence.
FORWARDS = """
CREATE FUNCTION communications_keep_ledger(of_occurrence bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM (
        SELECT 1 FROM communications_delivery
        WHERE occurrence_id = of_occurrence AND state = 'uncertain' ORDER BY id FOR SHARE
    ) held;
    DELETE FROM communications_deliverycount WHERE occurrence_id = of_occurrence;
    INSERT INTO communications_deliverycount (occurrence_id, state, rows)
    SELECT of_occurrence, state, count(*) FROM communications_delivery
    WHERE occurrence_id = of_occurrence GROUP BY state;
END
$$;

CREATE FUNCTION communications_keep_ledgers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE done bigint;
BEGIN
    FOR done IN SELECT o.id FROM communications_occurrence o
        WHERE o.state = 'done'
          AND NOT EXISTS (SELECT FROM communications_deliverycount k WHERE k.occurrence_id = o.id)
          AND EXISTS (SELECT FROM communications_delivery d WHERE d.occurrence_id = o.id)
        ORDER BY o.id FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        PERFORM communications_keep_ledger(done);
    END LOOP;
END
$$;

CREATE FUNCTION communications_ledger_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'done' THEN
        PERFORM communications_keep_ledger(NEW.id);
    ELSE
        DELETE FROM communications_deliverycount WHERE occurrence_id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION communications_ledger_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM communications_deliverycount WHERE occurrence_id = OLD.occurrence_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION communications_ledger_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM communications_deliverycount
    WHERE occurrence_id = ANY(ARRAY(SELECT DISTINCT occurrence_id FROM new_rows));
    RETURN NULL;
END
$$;

CREATE FUNCTION communications_ledger_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM communications_deliverycount
    WHERE occurrence_id = ANY(ARRAY(SELECT DISTINCT occurrence_id FROM old_rows));
    RETURN NULL;
END
$$;

CREATE FUNCTION communications_ledger_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM communications_deliverycount;
    RETURN NULL;
END
$$;

CREATE TRIGGER ledger_done AFTER UPDATE OF state ON communications_occurrence
FOR EACH ROW WHEN ((NEW.state = 'done') IS DISTINCT FROM (OLD.state = 'done'))
EXECUTE FUNCTION communications_ledger_done();

CREATE TRIGGER ledger_reopened AFTER UPDATE OF state ON communications_delivery
FOR EACH ROW WHEN (NEW.state <> OLD.state
    AND OLD.state IN ('sent', 'failed', 'skipped', 'uncertain', 'cancelled', 'quarantined'))
EXECUTE FUNCTION communications_ledger_forget();

CREATE TRIGGER ledger_made AFTER INSERT ON communications_delivery
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION communications_ledger_made();

CREATE TRIGGER ledger_gone AFTER DELETE ON communications_delivery
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION communications_ledger_gone();

CREATE TRIGGER ledger_truncated AFTER TRUNCATE ON communications_delivery
FOR EACH STATEMENT EXECUTE FUNCTION communications_ledger_truncated();

SELECT communications_keep_ledgers();
"""

BACKWARDS = """
DROP TRIGGER ledger_truncated ON communications_delivery;
DROP TRIGGER ledger_gone ON communications_delivery;
DROP TRIGGER ledger_made ON communications_delivery;
DROP TRIGGER ledger_reopened ON communications_delivery;
DROP TRIGGER ledger_done ON communications_occurrence;
DROP FUNCTION communications_ledger_truncated();
DROP FUNCTION communications_ledger_gone();
DROP FUNCTION communications_ledger_made();
DROP FUNCTION communications_ledger_forget();
DROP FUNCTION communications_ledger_done();
DROP FUNCTION communications_keep_ledgers();
DROP FUNCTION communications_keep_ledger(bigint);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("communications", "0012_values_have_a_version"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="DeliveryCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("state", models.CharField(max_length=12)),
                ("rows", models.IntegerField()),
                (
                    "occurrence",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="communications.occurrence",
                        verbose_name="occurrence",
                    ),
                ),
            ],
            options={
                "verbose_name": "ledger of what is done",
                "verbose_name_plural": "ledgers of what is done",
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
