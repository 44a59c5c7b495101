from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("communications", "0021_a_late_truth_opens_again")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="sendingrules",
            name="is_one_an_address",
            field=models.BooleanField(
                default=False, verbose_name="one mail for people who share an address"
            ),
        ),
    ]
