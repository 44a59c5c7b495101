"""Counting places is planned for as many rows as there are, see communications 0011."""

from typing import ClassVar

from django.db import migrations

FORWARDS = """
CREATE OR REPLACE FUNCTION cohorts_places_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cohorts_keep_places(ARRAY(
        SELECT DISTINCT moved.cohort_id FROM (
            SELECT id, cohort_id FROM new_rows EXCEPT SELECT id, cohort_id FROM old_rows
        ) moved));
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION cohorts_places_returned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows WHERE status <> 'active') THEN
        EXECUTE $query$
            SELECT cohorts_keep_places(ARRAY(
                SELECT DISTINCT m.cohort_id FROM old_rows o JOIN new_rows n USING (id)
                JOIN cohorts_membership m ON m.participant_id = n.id
                WHERE o.status <> 'active' AND n.status = 'active'))
        $query$;
    END IF;
    RETURN NULL;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cohorts", "0014_people_live_in_zones")]
    # The functions did the same before, slower: nothing to go back to.
    operations: ClassVar = [migrations.RunSQL(FORWARDS, migrations.RunSQL.noop)]
