from django.db import migrations

from common.sealed import SealedTextField, seal, unseal


def seal_all(apps, schema_editor):
    for channel in apps.get_model("communications", "TeamsChannel").objects.all():
        channel.url = seal(channel.url)
        channel.save(update_fields=["url"])


def unseal_all(apps, schema_editor):
    for channel in apps.get_model("communications", "TeamsChannel").objects.all():
        channel.url = unseal(channel.url)
        channel.save(update_fields=["url"])


class Migration(migrations.Migration):
    """While the field is still a text that is stored as it is."""

    dependencies = [("communications", "0027_no_ledger_of_what_is_under_way")]

    operations = [
        migrations.RunPython(seal_all, unseal_all),
        migrations.AlterField(
            model_name="teamschannel",
            name="url",
            field=SealedTextField(verbose_name="Workflow address"),
        ),
    ]
