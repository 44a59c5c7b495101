"""How many were invited and have answered, kept by triggers: see ``_counting``."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from surveys.migrations import _counting


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("surveys", "0004_index_of_drafts"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="SurveyCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("invited", models.IntegerField(db_default=0, default=0)),
                ("answered", models.IntegerField(db_default=0, default=0)),
                (
                    "survey",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="surveys.survey",
                        verbose_name="survey",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of invitations",
                "verbose_name_plural": "counts of invitations",
            },
        ),
        migrations.RunSQL(_counting.FORWARDS, _counting.BACKWARDS),
    ]
