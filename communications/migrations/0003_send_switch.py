"""Every database knows from its first day in which cluster it was made; see pipeline/switch.py."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("communications", "0002_message_zone")]
    operations: ClassVar = [
        migrations.RunSQL(
            """
            INSERT INTO communications_sendswitch (id, system_identifier, database_oid, is_on)
            SELECT 1, system_identifier::text,
                   (SELECT oid FROM pg_database WHERE datname = current_database()), true
            FROM pg_control_system()
            ON CONFLICT DO NOTHING
            """,
            migrations.RunSQL.noop,
        )
    ]
