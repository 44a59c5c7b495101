"""Which stakeholder or user a row is for is known of few rows, so few stand in these indexes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0018_counting_is_cheaper"),
        ("communications", "0019_posts_stand_apart"),
        ("projects", "0003_criteria_that_remind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="stakeholder",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="deliveries",
                to="projects.stakeholder",
                verbose_name="stakeholder",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="user",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="deliveries",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("stakeholder__isnull", False)),
                fields=["stakeholder"],
                name="delivery_to_stakeholder",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("user__isnull", False)),
                fields=["user"],
                name="delivery_to_user",
            ),
        ),
    ]
