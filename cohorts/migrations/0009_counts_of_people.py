"""Figures of people, kept by triggers: see ``_counting`` for how no two statements wait."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from cohorts.migrations import _counting_triggers

# Rows are made and folded all the time: swept long before a fifth of the table is dead.
SWEEP = """
ALTER TABLE {0} SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
"""
UNSWEEP = "ALTER TABLE {0} RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);"
TABLES = ("cohorts_cohortcount", "cohorts_paircount", "cohorts_hourcount")


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("cohorts", "0008_people_are_found"),
        ("projects", "0002_gates"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="CohortCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("people", models.IntegerField(db_default=0, default=0)),
                ("told", models.IntegerField(db_default=0, default=0)),
                ("switched", models.IntegerField(db_default=0, default=0)),
                ("verified", models.IntegerField(db_default=0, default=0)),
                ("granted", models.IntegerField(db_default=0, default=0)),
                ("drift", models.IntegerField(db_default=0, default=0)),
                ("failed", models.IntegerField(db_default=0, default=0)),
                ("not_applicable", models.IntegerField(db_default=0, default=0)),
                ("deferred", models.IntegerField(db_default=0, default=0)),
                ("blocked", models.IntegerField(db_default=0, default=0)),
                ("switched_only", models.IntegerField(db_default=0, default=0)),
                ("blocked_only", models.IntegerField(db_default=0, default=0)),
                ("deferred_only", models.IntegerField(db_default=0, default=0)),
                ("told_only", models.IntegerField(db_default=0, default=0)),
                ("white_glove", models.IntegerField(db_default=0, default=0)),
                ("without_address", models.IntegerField(db_default=0, default=0)),
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
                "verbose_name": "count of people",
                "verbose_name_plural": "counts of people",
                "indexes": [models.Index(fields=["project", "cohort"], name="count_of_cohort")],
            },
        ),
        migrations.CreateModel(
            name="HourCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hour", models.DateTimeField(verbose_name="hour")),
                ("switched", models.IntegerField(db_default=0, default=0)),
                ("verified", models.IntegerField(db_default=0, default=0)),
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
                "verbose_name": "count of an hour",
                "verbose_name_plural": "counts of hours",
                "indexes": [
                    models.Index(fields=["project", "cohort", "hour"], name="count_of_hour")
                ],
            },
        ),
        migrations.CreateModel(
            name="PairCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("people", models.IntegerField(db_default=0, default=0)),
                ("switched", models.IntegerField(db_default=0, default=0)),
                ("pilot_verified", models.IntegerField(db_default=0, default=0)),
                ("wave_verified", models.IntegerField(db_default=0, default=0)),
                (
                    "pilot",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cohorts.cohort",
                        verbose_name="pilot",
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
                (
                    "wave",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cohorts.cohort",
                        verbose_name="wave",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of people in two cohorts",
                "verbose_name_plural": "counts of people in two cohorts",
                "indexes": [
                    models.Index(fields=["project", "pilot", "wave"], name="count_of_pair")
                ],
            },
        ),
        *(migrations.RunSQL(SWEEP.format(table), UNSWEEP.format(table)) for table in TABLES),
        migrations.RunSQL(_counting_triggers.create(), _counting_triggers.drop()),
    ]
