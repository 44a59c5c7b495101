import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communications", "0015_telling_looks_at_one_person_at_a_time"),
        ("projects", "0003_criteria_that_remind"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApprovedAudience",
            fields=[
                (
                    "occurrence",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="approved_audience",
                        serialize=False,
                        to="communications.occurrence",
                        verbose_name="occurrence",
                    ),
                ),
                (
                    "people",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="people"
                    ),
                ),
            ],
            options={
                "verbose_name": "approved audience",
                "verbose_name_plural": "approved audiences",
            },
        ),
        migrations.CreateModel(
            name="MessageVariant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=35, verbose_name="language")),
                ("subject", models.CharField(max_length=200, verbose_name="subject")),
                ("body", models.TextField(verbose_name="text")),
                (
                    "short_subject",
                    models.CharField(blank=True, max_length=200, verbose_name="short subject"),
                ),
                ("short_body", models.TextField(blank=True, verbose_name="short text")),
                (
                    "is_behind",
                    models.BooleanField(default=False, verbose_name="behind the own text"),
                ),
            ],
            options={
                "verbose_name": "language of a message",
                "verbose_name_plural": "languages of messages",
                "ordering": ["language"],
            },
        ),
        migrations.AddField(
            model_name="delivery",
            name="is_short",
            field=models.BooleanField(db_default=False, default=False, verbose_name="short text"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="language",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=35, verbose_name="language"
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="language",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=35, verbose_name="written in"
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="short_body",
            field=models.TextField(
                blank=True, db_default="", default="", verbose_name="short text"
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="short_subject",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=200, verbose_name="short subject"
            ),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="approved_due_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="due when approved"),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="approved_revision",
            field=models.PositiveIntegerField(
                blank=True, null=True, verbose_name="revision when approved"
            ),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="caught_up_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="caught up at"),
        ),
        migrations.AlterField(
            model_name="message",
            name="late_policy",
            field=models.CharField(
                choices=[
                    ("skip", "does not get it"),
                    ("send", "gets it at once"),
                    ("short", "gets the short version at once"),
                ],
                default="skip",
                max_length=8,
                verbose_name="who joins later",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("late_policy", "short"), _negated=True),
                    models.Q(
                        models.Q(("short_subject", ""), _negated=True),
                        models.Q(("short_body", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="message_short_has_a_text",
            ),
        ),
        migrations.AddField(
            model_name="messagevariant",
            name="message",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="variants",
                to="communications.message",
                verbose_name="message",
            ),
        ),
        migrations.AddConstraint(
            model_name="messagevariant",
            constraint=models.UniqueConstraint(
                models.F("message"), models.F("language"), name="variant_once_a_language"
            ),
        ),
    ]
