import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0004_roster_upload"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModeRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("granted", "granted"), ("observed", "observed")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("mode", models.CharField(blank=True, max_length=80, verbose_name="mode")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("script", "somebody said that the script has run"),
                            ("results", "results of a script"),
                            ("export", "export of modes"),
                        ],
                        max_length=8,
                        verbose_name="source",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "mode record",
                "verbose_name_plural": "mode records",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="membership",
            name="exported_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="last in a script"),
        ),
        migrations.AddField(
            model_name="membership",
            name="granted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="granted"),
        ),
        migrations.AddField(
            model_name="membership",
            name="mode_state",
            field=models.CharField(
                choices=[
                    ("waiting", "waiting"),
                    ("granted", "granted"),
                    ("verified", "verified"),
                    ("drift", "drift"),
                    ("failed", "failed"),
                    ("not_applicable", "not applicable"),
                ],
                db_default="waiting",
                max_length=16,
                verbose_name="state of the mode",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="observed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="in this mode since"),
        ),
        migrations.AddField(
            model_name="membership",
            name="observed_mode",
            field=models.CharField(
                blank=True, db_default="", max_length=80, verbose_name="observed mode"
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("mode_state", "drift")),
                fields=["cohort", "participant"],
                name="membership_in_drift",
            ),
        ),
        migrations.AddField(
            model_name="moderecord",
            name="cohort",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mode_records",
                to="cohorts.cohort",
                verbose_name="cohort",
            ),
        ),
        migrations.AddField(
            model_name="moderecord",
            name="participant",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mode_records",
                to="cohorts.participant",
                verbose_name="participant",
            ),
        ),
        migrations.AddIndex(
            model_name="moderecord",
            index=models.Index(fields=["participant", "kind", "-at", "-id"], name="mode_history"),
        ),
    ]
