"""A table that is written far beyond what it is thought to hold is analysed there and then.

Where the rows of a transaction that ended in nothing were analysed, the table counts as empty however
much is written into it next. Ruling nested loops out, as 0019 did, was not enough: an empty table's
indexes all cost the same, so each foreign key could be looked up by reading a whole index in which
the key comes last, and a commit of 100,000 rows took half an hour. Analysed by the transaction that
wrote them, the rows count. Two more tables are written by the hundred thousand: what an import kept,
and the history of modes.
"""

# ruff: noqa: S608 - put together from constants of our own

from typing import ClassVar

from django.db import migrations

MANY = 1_000  # fewer, even compared with one another, cost less than a second

FUNCTION = f"""
CREATE OR REPLACE FUNCTION cohorts_plan_for_many() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE written bigint;
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM changed LIMIT {MANY + 1}) few) <= {MANY} THEN
        RETURN NULL;
    END IF;
    EXECUTE 'DISCARD PLANS';
    SELECT count(*) INTO written FROM changed;
    IF TG_OP <> 'DELETE' AND EXISTS (
        SELECT FROM pg_class WHERE oid = TG_RELID
          AND reltuples >= 0 AND relpages > 0 AND reltuples / relpages
            * (pg_relation_size(oid) / current_setting('block_size')::int) < written
    ) THEN
        EXECUTE format('ANALYZE %s', TG_RELID::regclass);
    END IF;
    RETURN NULL;
END
$$;
"""

TRIGGERS = "\n".join(
    f"CREATE TRIGGER before_all_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS changed"
    " FOR EACH STATEMENT EXECUTE FUNCTION cohorts_plan_for_many();"
    for table in ("cohorts_rosterbefore", "cohorts_moderecord")
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cohorts", "0020_people_live_in_places")]
    operations: ClassVar = [migrations.RunSQL(FUNCTION + TRIGGERS, migrations.RunSQL.noop)]
