"""Rows a worker holds: given back before they are sent, or kept while a server takes its time."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from communications.services.pipeline import clock

_RELEASE = """
    UPDATE communications_delivery
    SET state = 'queued', owner = NULL, lease_until = NULL,
        claims = greatest(claims - (id = ANY(%(begun)s))::int, 0)
    WHERE id = ANY(%(ids)s) AND owner = %(owner)s::uuid AND state = 'claimed'
"""
_LENGTHEN = """
    UPDATE communications_delivery
    SET lease_until = clock_timestamp() + %(ahead)s::interval + %(lease)s::interval
    WHERE id = ANY(%(ids)s) AND owner = %(owner)s::uuid AND state IN ('claimed', 'sending')
      AND coalesce(lease_until, '-infinity') > clock_timestamp() + %(ahead)s::interval
"""


def release(owner: UUID, ids: Sequence[int], begun: Sequence[int] = ()) -> None:
    """Give claimed rows back; those that were ``begun`` were no deaths."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, {"ids": [*ids, *begun], "begun": list(begun), "owner": str(owner)})


def lengthen(owner: UUID, ids: Sequence[int], lease_seconds: float) -> None:
    """Keep the rows of a mail server that takes its time; a lease that ran out stays so."""
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
