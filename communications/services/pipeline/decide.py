"""May this person get this mail now? Decided at the claim, once a row, without writing.

The mark asks the database again about what may change between the claim and the final dot.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from common.addresses import address_key, is_allowed
from communications.addresses import envelope_address
from communications.audiences import Recipient
from communications.enums import DeliveryState
from communications.exceptions import AddressRefused
from communications.models import Occurrence, Suppression
from communications.services.pipeline import clock


@dataclass(frozen=True, slots=True)
class Row:
    """A queued row as the claim found it; ``person`` is None once the person was erased."""

    pk: int
    occurrence: int
    person: int | None
    key: str
    message_id: UUID
    attempts: int
    claims: int


@dataclass(frozen=True, slots=True)
class Decision:
    """``recipient`` is None where the row is settled without sending."""

    row: Row
    state: DeliveryState
    address: str = ""
    reason: str = ""
    envelope: str = ""
    address_key: str = ""
    recipient: Recipient | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    allow_list: tuple[str, ...]
    suppressed: dict[str, str]  # address key -> reason


def load_rules(addresses: Iterable[str]) -> Rules:
    """The allow-list, and which of these addresses are suppressed now."""
    keys = {address_key(address) for address in addresses}
    rows = Suppression.objects.filter(
        Q(until__isnull=True) | Q(until__gt=clock.database_now()), address_key__in=keys
    )
    return Rules(
        allow_list=tuple(settings.MAIL_ALLOW_LIST),
        suppressed=dict(rows.values_list("address_key", "reason")),
    )


def decide(
    row: Row, person: Recipient | None, occurrence: Occurrence, at: datetime, rules: Rules
) -> Decision:
    """Claim the row, or settle it with the reason a person will read in the ledger."""
    if row.person is None:
        return Decision(row, DeliveryState.SKIPPED, reason=_("the person was removed"))
    if person is None:
        return Decision(row, DeliveryState.SKIPPED, reason=_("no longer among those it is for"))
    if occurrence.not_after is not None and occurrence.not_after <= at:
        late = _("its last moment has passed")
        return Decision(row, DeliveryState.FAILED, person.address, late)
    if not person.address.strip():
        return Decision(row, DeliveryState.SKIPPED, reason=_("no address"))
    if not is_allowed(person.address, rules.allow_list):
        held = _("held back: not on the allow list")
        return Decision(row, DeliveryState.SKIPPED, person.address, held)
    key = address_key(person.address)
    why = rules.suppressed.get(key)
    if why is not None:
        return Decision(row, DeliveryState.SKIPPED, person.address, _("suppressed: %s") % why)
    try:
        envelope = envelope_address(person.address)
    except AddressRefused as refusal:
        return Decision(row, DeliveryState.FAILED, person.address, str(refusal))
    return Decision(row, DeliveryState.CLAIMED, person.address, "", envelope, key, person)
