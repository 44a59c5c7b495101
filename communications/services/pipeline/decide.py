"""May this person get this mail now? Decided at the claim, once a row, without writing.

The mark asks the database again about what may change between the claim and the final dot.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from common.addresses import address_digest, address_key, is_allowed
from common.arrays import array
from communications.addresses import envelope_address
from communications.audiences import Recipient
from communications.enums import DeliveryState
from communications.exceptions import AddressRefused
from communications.models import Occurrence, SendingRules
from communications.queries.rules import Lately, is_one_an_address, mail_lately, rules_by_project
from communications.quiet import end_of_quiet
from communications.services.pipeline.sharing import written_to


class Row(NamedTuple):
    """A queued row as the claim found it; ``person`` is None once the person was erased."""

    pk: int
    occurrence: int
    person: int | None
    key: str
    message_id: UUID
    attempts: int
    claims: int
    is_short: bool = False


class Claimed(NamedTuple):
    """A row that goes out: to whom, and with which number in the Message-ID."""

    pk: int
    occurrence: Occurrence
    recipient: Recipient
    envelope: str  # ASCII, as said to the server
    message_id: UUID
    attempts: int
    claims: int  # workers that died over it
    address_key: str
    is_short: bool = False  # made for somebody who joined late and gets the short text


class Settled(NamedTuple):
    """A row that does not go out, or waits for ``later``."""

    row: Row
    state: DeliveryState
    address: str = ""
    reason: str = ""
    later: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one claim. ``lately`` and ``written_to`` grow with what the claim itself lets
    through."""

    allow_list: tuple[str, ...]
    suppressed: dict[str, str]  # address key -> reason
    of_projects: dict[int, SendingRules]
    unsubscribed: frozenset[str]  # address keys
    lately: dict[str, Lately]  # address key -> mail of the last seven days, over all projects
    # {occurrence: address keys that have it}, of those that go to each address once.
    written_to: dict[int, set[str]]
    # Of those, the ones that another worker is claiming rows of.
    not_now: frozenset[int] = frozenset()


# Read for each claim, so without the weight of models.
_KNOWN = """
    SELECT true, address_key, reason FROM communications_suppression
    WHERE address_key = ANY(%(keys)s) AND (until IS NULL OR until > %(at)s)
    UNION ALL
    SELECT false, address_key, '' FROM communications_unsubscription
    WHERE address_key = ANY(%(keys)s)
"""


def load_rules(
    addresses: Collection[str], occurrences: Iterable[Occurrence], at: datetime
) -> Rules:
    """The allow-list, the projects' rules, and what is known of these addresses. Three queries, and
    two where people who share an address get one mail."""
    occurrences = list(occurrences)
    keys = {address_key(address) for address in addresses}
    # Of people who were erased the digest is kept alone.
    meant = {key: key for key in keys} | {address_digest(key): key for key in keys}
    of_projects = rules_by_project(occurrence.project_id for occurrence in occurrences)
    once = [o.pk for o in occurrences if is_one_an_address(o, of_projects[o.project_id])]
    is_counted = any(rules.mails_a_week is not None for rules in of_projects.values())
    found = written_to(once, addresses)
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"keys": array(meant), "at": at})
        known = cursor.fetchall()
    return Rules(
        allow_list=tuple(settings.MAIL_ALLOW_LIST),
        suppressed={meant[key]: reason for is_stopped, key, reason in known if is_stopped},
        unsubscribed=frozenset(meant[key] for is_stopped, key, _reason in known if not is_stopped),
        of_projects=of_projects,
        lately=mail_lately(addresses, at) if is_counted else {},
        written_to=found,
        not_now=frozenset(once) - found.keys(),
    )


def decide(
    row: Row,
    person: Recipient | None,
    occurrence: Occurrence,
    at: datetime,
    rules: Rules,
    too_soon: str = "",
) -> Claimed | Settled:
    """Claim the row, or settle it with the reason a person will read in the ledger.

    ``too_soon`` is the audience's own reason.
    """
    if row.person is None:
        return Settled(row, DeliveryState.SKIPPED, reason=_("the person was removed"))
    if person is None:
        return Settled(row, DeliveryState.SKIPPED, reason=_("no longer among those it is for"))
    if occurrence.not_after is not None and occurrence.not_after <= at:
        late = _("its last moment has passed")
        return Settled(row, DeliveryState.FAILED, person.address, late)
    if not person.address.strip():
        return Settled(row, DeliveryState.SKIPPED, reason=_("no address"))
    key = address_key(person.address)
    why_not = too_soon or _held_back(person, key, occurrence, rules)
    if why_not:
        return Settled(row, DeliveryState.SKIPPED, person.address, why_not)
    try:
        envelope = envelope_address(person.address)
    except AddressRefused as refusal:
        return Settled(row, DeliveryState.FAILED, person.address, str(refusal))
    later = _end_of_quiet(person, occurrence, at, rules)
    if later is not None:
        waits = _("quiet hours")
        return Settled(row, DeliveryState.QUEUED, person.address, waits, later)
    if key in rules.written_to.get(occurrence.pk, ()):
        shares = _("somebody else at this address gets it")
        return Settled(row, DeliveryState.SKIPPED, person.address, shares)
    _count(key, occurrence, rules)
    numbers = row.message_id, row.attempts, row.claims
    return Claimed(row.pk, occurrence, person, envelope, *numbers, key, row.is_short)


def _held_back(person: Recipient, key: str, occurrence: Occurrence, rules: Rules) -> str:
    """Why this address gets nothing of it; empty where it does."""
    own = rules.of_projects[occurrence.project_id]
    if not is_allowed(person.address, rules.allow_list):
        return _("held back: not on the allow list")
    if own.is_staging and not (own.staging_list and is_allowed(person.address, own.staging_list)):
        return _("held back: staging, and not on its list")
    if key in rules.suppressed:
        return _("suppressed: %s") % rules.suppressed[key]
    if key in rules.unsubscribed and not occurrence.message.is_mandatory:
        return _("unsubscribed from what is not mandatory")
    lately = rules.lately.get(key)
    if lately is None or own.mails_a_week is None or lately.mails < own.mails_a_week:
        return ""
    if occurrence.message.is_mandatory or occurrence.ordered_at is not None:
        return ""
    return _("%(n)s mails this week already, the last was “%(title)s”") % {
        "n": lately.mails,
        "title": lately.last,
    }


def _end_of_quiet(
    person: Recipient, occurrence: Occurrence, at: datetime, rules: Rules
) -> datetime | None:
    own = rules.of_projects[occurrence.project_id]
    if own.quiet_from is None or own.quiet_until is None or occurrence.ordered_at is not None:
        return None
    return end_of_quiet(at, person.zone or occurrence.timezone, own.quiet_from, own.quiet_until)


def _count(key: str, occurrence: Occurrence, rules: Rules) -> None:
    """Two mails to one address in the same claim count as well."""
    if occurrence.pk in rules.written_to:
        rules.written_to[occurrence.pk].add(key)
    before = rules.lately.get(key)
    rules.lately[key] = Lately(before.mails + 1 if before else 1, occurrence.message.title)
