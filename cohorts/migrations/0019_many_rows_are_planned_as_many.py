"""A statement over thousands of people is planned for thousands, whatever the statistics say.

Rows of a transaction that ended in nothing leave pages behind; analysed then, the table counts as
almost empty however much is written into it next, and the planner compares everybody with
everybody: minutes for 20,000 people, hours for 100,000. The triggers below come first (PostgreSQL
goes by the name) and, where a statement has written more rows than the table is thought to have,
rule such loops out until the transaction ends. Plans that the session has kept since its tables were
small are thrown away: those of foreign keys would read the whole table once for every row.
"""

# ruff: noqa: S608 - put together from constants of our own

from typing import ClassVar

from django.db import migrations

MANY = 1_000  # fewer, even compared with one another, cost less than a second
TABLES = ("cohorts_participant", "cohorts_membership")
EVENTS = {
    "insert": "REFERENCING NEW TABLE AS changed",
    "update": "REFERENCING NEW TABLE AS changed",
    "delete": "REFERENCING OLD TABLE AS changed",
}

FUNCTION = f"""
CREATE FUNCTION cohorts_plan_for_many() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE written bigint;
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM changed LIMIT {MANY + 1}) few) <= {MANY} THEN
        RETURN NULL;
    END IF;
    EXECUTE 'DISCARD PLANS';
    SELECT count(*) INTO written FROM changed;
    IF EXISTS (
        SELECT FROM pg_class
        WHERE oid = ANY(ARRAY['cohorts_participant', 'cohorts_membership']::regclass[])
          AND reltuples >= 0 AND relpages > 0 AND reltuples / relpages
            * (pg_relation_size(oid) / current_setting('block_size')::int) < written
    ) THEN
        PERFORM set_config('enable_nestloop', 'off', TRUE);
    END IF;
    RETURN NULL;
END
$$;
"""


# A mark tells one person after the other and pays for nothing it does not need.
BUT_TELLS = "WHEN (current_setting('upgrade_tracker.only_tells', TRUE) IS DISTINCT FROM 'on')"


def triggers() -> str:
    return "\n".join(
        f"CREATE TRIGGER before_all_{event} AFTER {event} ON {table} {rows}"
        f" FOR EACH STATEMENT {BUT_TELLS} EXECUTE FUNCTION cohorts_plan_for_many();"
        for table in TABLES
        for event, rows in EVENTS.items()
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cohorts", "0018_counting_is_cheaper")]
    operations: ClassVar = [
        migrations.RunSQL(FUNCTION + triggers(), "DROP FUNCTION cohorts_plan_for_many() CASCADE")
    ]
