"""Finding people among a million: part of a name or address, and what else the list filters by.

Three signs in a row are what the index of parts (pg_trgm) is asked for. The extension is a trusted
one: whoever owns the database may make it.
"""

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations, models

FORWARDS = r"""
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- The space in front stands for the beginning of a word, which is what short searches look for.
CREATE FUNCTION cohorts_search_text(name text, key text, mail text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(' ' || name || ' ' || key || CASE WHEN mail = key THEN '' ELSE ' ' || mail END)
$$;

CREATE INDEX participant_search ON cohorts_participant
USING gin (cohorts_search_text(display_name, key, mail) gin_trgm_ops);
"""

BACKWARDS = """
DROP INDEX participant_search;
DROP FUNCTION cohorts_search_text(text, text, text);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("cohorts", "0007_cohorts_have_places"),
    ]

    operations: ClassVar = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(fields=["cohort", "mode_state"], name="membership_by_mode"),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("blocked_since__isnull", False)),
                fields=["cohort"],
                name="membership_blocked",
            ),
        ),
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(fields=["project", "country"], name="participant_by_country"),
        ),
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(fields=["project", "office"], name="participant_by_office"),
        ),
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(
                condition=models.Q(("is_white_glove", True)),
                fields=["project", "display_name", "id"],
                name="participant_white_glove",
            ),
        ),
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(
                condition=models.Q(("champion_since__isnull", False)),
                fields=["project", "display_name", "id"],
                name="participant_champion",
            ),
        ),
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(
                condition=models.Q(("mail", ""), ("upn", "")),
                fields=["project", "display_name", "id"],
                name="participant_no_address",
            ),
        ),
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(
                condition=models.Q(("status", "active"), _negated=True),
                fields=["project", "status", "display_name", "id"],
                name="participant_not_active",
            ),
        ),
        migrations.AddIndex(
            model_name="participant",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["attributes"], name="participant_attributes", opclasses=["jsonb_path_ops"]
            ),
        ),
    ]
