"""Rows a worker holds: given back before they are sent, or kept while a server takes its time."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from communications.mailer import crash
from communications.services.pipeline import clock

_RELEASE = """
    UPDATE communications_delivery
    SET state = 'queued', owner = NULL, lease_until = NULL
    WHERE id = ANY(%(ids)s) AND owner = %(owner)s::uuid AND state = 'claimed'
"""
_LENGTHEN = """
    UPDATE communications_delivery
    SET lease_until = clock_timestamp() + %(ahead)s::interval + %(lease)s::interval
    WHERE id = ANY(%(ids)s) AND owner = %(owner)s::uuid AND state IN ('claimed', 'sending')
      AND coalesce(lease_until, '-infinity') > clock_timestamp() + %(ahead)s::interval
"""


def release(owner: UUID, ids: Sequence[int]) -> None:
    """Give claimed rows back."""
    crash.point("before-release")
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, {"ids": list(ids), "owner": str(owner)})
    crash.point("after-release")


def empty_hands(owner: UUID) -> None:
    """The worker ends with nothing in hand."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM communications_inhand WHERE owner = %s", [str(owner)])


def lengthen(owner: UUID, ids: Sequence[int], lease_seconds: float) -> None:
    """Keep the rows of a mail server that takes its time; a lease that ran out stays so."""
    crash.point("before-lengthen")
    with connection.cursor() as cursor:
        cursor.execute(
            _LENGTHEN,
            {
                "ids": list(ids),
                "owner": str(owner),
                "ahead": clock.ahead(),
                "lease": clock.seconds(lease_seconds),
            },
        )
    crash.point("after-lengthen")
