"""A composite foreign key: Membership.kind can never differ from its cohort's kind."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cohorts", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(
            """
            ALTER TABLE cohorts_membership ADD CONSTRAINT membership_kind_is_the_cohorts
            FOREIGN KEY (cohort_id, kind) REFERENCES cohorts_cohort (id, kind)
            DEFERRABLE INITIALLY DEFERRED
            """,
            "ALTER TABLE cohorts_membership DROP CONSTRAINT membership_kind_is_the_cohorts",
        )
    ]
