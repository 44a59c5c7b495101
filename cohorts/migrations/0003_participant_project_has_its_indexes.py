"""Drops the plain index on Participant.project: three others begin with the same column."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cohorts", "0002_membership_kind_is_the_cohorts")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="participant",
            name="project",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="participants",
                to="projects.project",
                verbose_name="project",
            ),
        ),
    ]
