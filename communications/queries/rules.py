"""What the sending rules of a project say, and how much mail an address had lately."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from common.addresses import address_key
from common.arrays import array
from communications.audience_kinds import MOVED
from communications.models import Occurrence, SendingRules
from projects.models import Project

WEEK = timedelta(days=7)


class Lately(NamedTuple):
    """Mails of the last seven days to one address over all projects, and the title of the last."""

    mails: int
    last: str


def rules_of(project: Project) -> SendingRules:
    """The project's rules, or the defaults without a row."""
    return SendingRules.objects.filter(project=project).first() or SendingRules(project=project)


def is_one_an_address(occurrence: Occurrence, rules: SendingRules) -> bool:
    """Whether people who share an address get one mail of it; what tells each person their own new
    date never does."""
    return rules.is_one_an_address and occurrence.message.audience_kind != MOVED


def rules_by_project(projects: Iterable[int]) -> dict[int, SendingRules]:
    """{project: its rules}, the defaults where it has none. One query."""
    wanted = set(projects)
    found = SendingRules.objects.in_bulk(wanted)
    return {pk: found.get(pk) or SendingRules(project_id=pk) for pk in wanted}


# Asked with each claim, so without the weight of models. Of what is uncertain, or was treated as
# sent, only the moment it was due is known.
_LATELY = """
    SELECT d.address, m.title
    FROM communications_delivery d
    JOIN communications_occurrence o ON o.id = d.occurrence_id
    JOIN communications_message m ON m.id = o.message_id
    WHERE d.state IN ('sent', 'uncertain') AND lower(d.address) = ANY(%(spellings)s)
      AND (d.sent_at > %(since)s OR (d.sent_at IS NULL AND d.not_before > %(since)s))
    ORDER BY d.sent_at, d.id
"""


def mail_lately(addresses: Collection[str], at: datetime) -> dict[str, Lately]:
    """{address key: mails sent, or perhaps sent, within seven days before ``at``}. One query."""
    spellings = {address.strip().lower() for address in addresses}
    with connection.cursor() as cursor:
        cursor.execute(_LATELY, {"spellings": array(spellings), "since": at - WEEK})
        rows = cursor.fetchall()
    found: dict[str, Lately] = {}
    for address, title in rows:
        key = address_key(address)
        found[key] = Lately(found[key].mails + 1 if key in found else 1, title)
    return found
