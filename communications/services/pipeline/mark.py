"""Writes down that a mail is about to be handed over. Only what was marked gets its final dot.

One statement looks at everything that can make a mail unwanted. The lock on the row orders it and
`outbox.withdraw`: nothing is marked after the commit that made it unwanted.
"""

from uuid import UUID

from django.db import connection

from common.addresses import address_key
from communications.mailer import crash
from communications.services.pipeline import clock
from communications.services.pipeline.claim import Claimed

# coalesce() keeps the partial index on lease_until out of the plan: the row is found by its key.
_MARK = """
    UPDATE communications_delivery AS d
    SET state = 'sending', attempts = d.attempts + 1, content_revision = %(revision)s,
        lease_until = clock_timestamp() + %(ahead)s::interval + %(lease)s::interval
    FROM communications_occurrence o
    JOIN communications_message m ON m.id = o.message_id
    JOIN projects_project p ON p.id = o.project_id
    WHERE d.id = %(id)s AND d.state = 'claimed' AND d.owner = %(owner)s::uuid
      AND coalesce(d.lease_until, '-infinity') > clock_timestamp() + %(ahead)s::interval
      AND o.id = d.occurrence_id AND o.state IN ('expanding', 'sending')
      AND (o.not_after IS NULL OR o.not_after > clock_timestamp() + %(ahead)s::interval)
      AND m.status = 'active' AND p.status = 'active'
      AND EXISTS (
          SELECT FROM communications_sendswitch s
          WHERE s.id = 1 AND s.is_on
            AND s.system_identifier = (SELECT system_identifier::text FROM pg_control_system())
            AND s.database_oid = (SELECT oid FROM pg_database WHERE datname = current_database())
      )
      AND NOT EXISTS (
          SELECT FROM communications_suppression
          WHERE address_key = %(address)s
            AND (until IS NULL OR until > clock_timestamp() + %(ahead)s::interval)
      )
"""


def mark(mail: Claimed, revision: int, owner: UUID, lease_seconds: int) -> bool:
    """Move a claimed row to sending; False where the mail must not go out (any more).

    After a database error nobody knows whether it was written: send no dot and put it back.
    """
    crash.point("before-mark")
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK,
            {
                "id": mail.pk,
                "owner": str(owner),
                "revision": revision,
                "lease": clock.seconds(lease_seconds),
                "ahead": clock.ahead(),
                "address": address_key(mail.recipient.address),
            },
        )
        is_marked: bool = cursor.rowcount == 1
    crash.point("after-mark")
    return is_marked
