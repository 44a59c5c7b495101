"""Which rows each worker has in hand, so that the reaper knows which one a death was over.

One short row a worker, written anew with each step, instead of a write for every mail. It may be
lost with the database's crash: then a death is not counted.
"""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("communications", "0008_sending_rules")]
    operations: ClassVar = [
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE communications_inhand (
                owner uuid PRIMARY KEY, ids bigint[] NOT NULL, at timestamptz NOT NULL
            )
            """,
            "DROP TABLE communications_inhand",
        )
    ]
