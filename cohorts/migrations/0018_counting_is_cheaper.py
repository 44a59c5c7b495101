"""Counting a statement over everybody costs a fraction: see ``_counting_bulk``."""

from typing import ClassVar

from django.db import migrations

from cohorts.migrations import _counting_bulk, _counting_triggers

BACKWARDS = _counting_triggers.MEMBERS_CHANGED.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cohorts", "0017_undoing_by_a_worker")]
    operations: ClassVar = [migrations.RunSQL(_counting_bulk.MEMBERS_CHANGED, BACKWARDS)]
