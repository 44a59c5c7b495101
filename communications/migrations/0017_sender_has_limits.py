import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communications", "0016_languages_and_short_texts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "sender",
            "per_second",
            models.PositiveIntegerField(blank=True, null=True, verbose_name="mails a second"),
        ),
        migrations.AddField(
            "sender",
            "per_hour",
            models.PositiveIntegerField(blank=True, null=True, verbose_name="mails an hour"),
        ),
        migrations.AddField(
            "sender",
            "connections",
            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="connections"),
        ),
        migrations.AddField(
            "sender",
            "uses_pipelining",
            models.BooleanField(default=True, verbose_name="several commands at once"),
        ),
        migrations.AddField(
            "sender",
            "changed_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="changed_senders",
                to=settings.AUTH_USER_MODEL,
                verbose_name="changed by",
            ),
        ),
        migrations.AddField(
            "sender",
            "changed_at",
            models.DateTimeField(blank=True, null=True, verbose_name="changed at"),
        ),
        migrations.AddField(
            "sender",
            "fewer_connections",
            models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="connections for the moment"
            ),
        ),
        migrations.AddField(
            "sender",
            "fewer_until",
            models.DateTimeField(blank=True, null=True, verbose_name="fewer connections until"),
        ),
        migrations.AddField(
            "sender",
            "tokens",
            models.FloatField(blank=True, null=True, verbose_name="mails that may leave now"),
        ),
        migrations.AddField(
            "sender",
            "tokens_at",
            models.DateTimeField(blank=True, null=True, verbose_name="counted at"),
        ),
        migrations.AddField(
            "sender",
            "lately",
            models.JSONField(blank=True, default=dict, verbose_name="mails by minute"),
        ),
        migrations.AddConstraint(
            "sender",
            models.CheckConstraint(
                condition=models.Q(
                    ("per_second__isnull", True), ("per_second__gte", 1), _connector="OR"
                ),
                name="sender_sends_something_a_second",
            ),
        ),
        migrations.AddConstraint(
            "sender",
            models.CheckConstraint(
                condition=models.Q(
                    ("per_hour__isnull", True), ("per_hour__gte", 1), _connector="OR"
                ),
                name="sender_sends_something_an_hour",
            ),
        ),
        migrations.AddConstraint(
            "sender",
            models.CheckConstraint(
                condition=models.Q(
                    ("connections__isnull", True), ("connections__gte", 1), _connector="OR"
                ),
                name="sender_has_a_connection",
            ),
        ),
    ]
