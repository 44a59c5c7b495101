"""A ledger is kept of what is done and has no row under way: such a row changes unnoticed."""

from typing import ClassVar

from django.db import migrations

KEEP = """
CREATE OR REPLACE FUNCTION communications_keep_ledgers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE done bigint;
BEGIN
    FOR done IN SELECT o.id FROM communications_occurrence o
        WHERE o.state = 'done'
          AND NOT EXISTS (SELECT FROM communications_deliverycount k WHERE k.occurrence_id = o.id)
          AND EXISTS (SELECT FROM communications_delivery d WHERE d.occurrence_id = o.id)
          {nothing_open}
        ORDER BY o.id FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        PERFORM communications_keep_ledger(done);
    END LOOP;
END
$$;
"""
NOTHING_OPEN = """
          AND NOT EXISTS (
              SELECT FROM communications_delivery d
              WHERE d.occurrence_id = o.id AND d.state IN ('queued', 'claimed', 'sending')
          )"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("communications", "0026_a_short_condition")]
    operations: ClassVar = [
        migrations.RunSQL(
            KEEP.format(nothing_open=NOTHING_OPEN.strip()), KEEP.format(nothing_open="")
        )
    ]
