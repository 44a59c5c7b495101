"""In which modes the people of each cohort were seen, kept by triggers: see ``_counting_seen``."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from cohorts.migrations import _counting_seen


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("cohorts", "0012_meetings_are_in_the_history"),
        ("projects", "0003_criteria_that_remind"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="SeenCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("observed_mode", models.CharField(max_length=80)),
                ("mode_state", models.CharField(max_length=16)),
                ("is_seen", models.BooleanField()),
                ("people", models.IntegerField(db_default=0, default=0)),
                (
                    "cohort",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cohorts.cohort",
                        verbose_name="cohort",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of modes",
                "verbose_name_plural": "counts of modes",
                "indexes": [models.Index(fields=["project", "cohort"], name="count_of_seen")],
            },
        ),
        migrations.RunSQL(_counting_seen.create(), _counting_seen.drop()),
    ]
