"""What comes back is written down, and an address that is gone gets no more mail.

One report counts once a mail, however often it is read. A hard bounce suppresses the address at
once, softer ones after the fifth within a month; reports about nobody's mail are ignored.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.addresses import address_key
from communications.bounces import report
from communications.bounces.report import Report
from communications.enums import BounceKind, SuppressionKind
from communications.models import Bounce, Delivery
from communications.services.suppressions import suppress

SOFT_BOUNCES = 5
WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Reading:
    """``read = new + known + ignored``; ``suppressed`` addresses of the new ones."""

    read: int = 0
    new: int = 0
    known: int = 0
    ignored: int = 0
    suppressed: int = 0

    def plus(self, other: "Reading") -> "Reading":
        return Reading(*(getattr(self, n) + getattr(other, n) for n in self.__slots__))


def read_mail(raw: bytes, recipients: Iterable[str] = ()) -> Reading:
    """One mail that came back. ``recipients`` of its envelope, where they are known."""
    found = report.read(raw, recipients)
    return Reading(read=1, ignored=1) if found is None else record_bounce(found=found)


@transaction.atomic
def record_bounce(*, found: Report) -> Reading:
    """Write the report down and suppress the address where it is time to."""
    # Not locked: suppressing locks occurrences first and rows after them, as everybody does.
    delivery = Delivery.objects.filter(message_id=found.message_id).exclude(address="").first()
    if delivery is None:
        return Reading(read=1, ignored=1)
    key = address_key(delivery.address)
    _row, is_new = Bounce.objects.get_or_create(
        delivery=delivery, defaults={"address_key": key, "kind": found.kind, "text": found.text}
    )
    if not is_new:
        return Reading(read=1, known=1)
    return Reading(read=1, new=1, suppressed=int(_suppress(delivery.address, key, found)))


def _suppress(address: str, key: str, found: Report) -> bool:
    if found.kind == BounceKind.HARD:
        kind, reason = SuppressionKind.HARD_BOUNCE, found.text
    else:
        soft = Bounce.objects.filter(
            address_key=key, kind=BounceKind.SOFT, at__gte=now() - WITHIN
        ).count()
        if soft < SOFT_BOUNCES:
            return False
        kind = SuppressionKind.SOFT_BOUNCE
        reason = _("%(n)s mails came back within a month") % {"n": soft}
    suppress(address=address, kind=kind, reason=reason[:200], until=None, acting_user=None)
    return True
