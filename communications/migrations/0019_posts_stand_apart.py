"""Looking through a long ledger twice, apart from the column, so that no lock is held for both."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("communications", "0018_teams_channels")]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("channel__isnull", False)),
                fields=["channel"],
                name="delivery_to_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("channel__isnull", True),
                    models.Q(
                        ("participant__isnull", True),
                        ("stakeholder__isnull", True),
                        ("user__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="delivery_to_a_channel_is_to_no_person",
            ),
        ),
    ]
