"""A row has one check: each statement that changes rows reads them all anew and asks each of a row.

The new one says what two said; what is counted by us is not negative. No table is written anew.
"""

from typing import ClassVar

from django.db import migrations, models
from django.db.models.lookups import LessThanOrEqual


class Migration(migrations.Migration):
    dependencies: ClassVar = [("communications", "0024_one_trigger_a_change")]

    operations: ClassVar = [
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=LessThanOrEqual(
                    models.Func(
                        "participant",
                        "stakeholder",
                        "user",
                        "channel",
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="delivery_to_one_at_most",
            ),
        ),
        migrations.RemoveConstraint(model_name="delivery", name="delivery_has_one_recipient"),
        migrations.RemoveConstraint(
            model_name="delivery", name="delivery_to_a_channel_is_to_no_person"
        ),
        migrations.AlterField(
            model_name="delivery",
            name="attempts",
            field=models.SmallIntegerField(default=0, verbose_name="attempts"),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="claims",
            field=models.SmallIntegerField(default=0, verbose_name="deaths while built or sent"),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="content_revision",
            field=models.IntegerField(null=True, verbose_name="revision"),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="smtp_code",
            field=models.SmallIntegerField(null=True, verbose_name="server's code"),
        ),
    ]
