"""One mail for all who share an address, where a project wants it so. Writes nothing.

Two workers may claim two of them at the same moment, so for such an occurrence claims take turns.
"""

from collections.abc import Collection

from django.db import connection

from common.addresses import address_key

# Held until the claim is committed: whoever has the next turn sees what was claimed. Nobody waits
# for it with rows in hand whose lease runs.
_TURN = "SELECT pg_try_advisory_xact_lock(hashtextextended('one mail an address', %s))"
# Of what is not settled there are as many rows as workers hold.
_WRITTEN_TO = """
    SELECT occurrence_id, address FROM communications_delivery
    WHERE occurrence_id = ANY(%(occurrences)s) AND state IN ('claimed', 'sending')
    UNION ALL
    SELECT occurrence_id, address FROM communications_delivery
    WHERE occurrence_id = ANY(%(occurrences)s) AND state IN ('sent', 'uncertain')
      AND lower(address) = ANY(%(spellings)s)
"""


def written_to(occurrences: Collection[int], addresses: Collection[str]) -> dict[int, set[str]]:
    """{occurrence: keys of ``addresses`` that have its mail, or are about to get it}.

    One that is missing is another worker's at this moment.
    """
    if not occurrences:
        return {}
    spellings = [address.strip().lower() for address in addresses]
    with connection.cursor() as cursor:
        found: dict[int, set[str]] = {}
        for pk in occurrences:
            cursor.execute(_TURN, [pk])
            if cursor.fetchone()[0]:
                found[pk] = set()
        cursor.execute(_WRITTEN_TO, {"occurrences": list(found), "spellings": spellings})
        for pk, address in cursor.fetchall():
            found[pk].add(address_key(address))
    return found
