"""What the sending rules of a project say, and how much mail an address had lately."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Lower

from common.addresses import address_key
from communications.enums import DeliveryState
from communications.models import Delivery, SendingRules
from projects.models import Project

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Lately:
    """Mails of the last seven days to one address over all projects, and the title of the last."""

    mails: int
    last: str


def rules_of(project: Project) -> SendingRules:
    """The project's rules, or the defaults without a row."""
    return SendingRules.objects.filter(project=project).first() or SendingRules(project=project)


def rules_by_project(projects: Iterable[int]) -> dict[int, SendingRules]:
    """{project: its rules}, the defaults where it has none. One query."""
    wanted = set(projects)
    found = SendingRules.objects.in_bulk(wanted)
    return {pk: found.get(pk) or SendingRules(project_id=pk) for pk in wanted}


def mail_lately(addresses: Collection[str], at: datetime) -> dict[str, Lately]:
    """{address key: mails sent, or perhaps sent, within seven days before ``at``}. One query."""
    spellings = {address.strip().lower() for address in addresses}
    rows = (
        Delivery.objects.annotate(spelling=Lower("address"))
        .filter(
            # Of what is uncertain, or was treated as sent, only the moment it was due is known.
            Q(sent_at__gt=at - WEEK) | Q(sent_at__isnull=True, not_before__gt=at - WEEK),
            state__in=(DeliveryState.SENT, DeliveryState.UNCERTAIN),
            spelling__in=spellings,
        )
        .order_by("sent_at", "pk")
        .values_list("address", "occurrence__message__title")
    )
    found: dict[str, Lately] = {}
    for address, title in rows:
        key = address_key(address)
        found[key] = Lately(found[key].mails + 1 if key in found else 1, title)
    return found
