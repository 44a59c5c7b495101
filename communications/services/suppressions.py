"""Addresses that get no mail, in any project: set by a person, or by mails that came back.

The same transaction takes back what waits for the address, in all projects: nothing is marked after
its commit. What is built later asks the suppression itself, at the claim and at the mark.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.addresses import address_key
from communications.enums import SuppressionKind
from communications.exceptions import SuppressionRefused
from communications.models import Suppression
from communications.queries.addressees import suppression_keys
from communications.services.outbox import withdraw_address
from projects.models import Project
from projects.services.events import record

if TYPE_CHECKING:
    from accounts.models import User

# What a person has said; a mail that comes back says nothing new to it.
SAID = SuppressionKind.DO_NOT_CONTACT


@transaction.atomic
def suppress(
    *,
    address: str,
    reason: str,
    acting_user: "User | None",
    kind: SuppressionKind = SuppressionKind.DO_NOT_CONTACT,
    until: datetime | None = None,
    project: Project | None = None,
) -> Suppression:
    """``address`` gets no mail until ``until``, or for good; mails that wait are taken back.

    What a person has said is not overwritten by a bounce. ``project`` is the one in whose record it
    stands. Raises SuppressionRefused for an empty address and for an end that has passed.
    """
    key, at = address_key(address), now()
    if not key.rpartition("@")[0]:
        raise SuppressionRefused(_("There is no address to stop mail to."))
    if until is not None and until <= at:
        raise SuppressionRefused(_("The end lies in the past. Choose a later day, or none."))
    wanted = {
        "kind": kind, "reason": reason[:200], "set_by": acting_user, "since": at, "until": until
    }  # fmt: skip
    row, is_new = Suppression.objects.select_for_update(of=("self",)).get_or_create(
        address_key=key, defaults=wanted
    )
    in_force = row.until is None or row.until > at
    if not is_new and not (in_force and row.kind == SAID and kind != SAID):
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save(update_fields=[*wanted])
    withdrawn = withdraw_address(address=address, reason=_("suppressed: %s") % row.reason)
    _record(project, "address.suppressed", acting_user, row, withdrawn=withdrawn)
    return row


@transaction.atomic
def release(
    *, address: str, acting_user: "User | None", project: Project | None = None
) -> Suppression | None:
    """``address`` gets mail again; None where it did anyway. What was taken back stays so."""
    rows = Suppression.objects.filter(address_key__in=suppression_keys(address)).order_by("pk")
    found = list(rows.select_for_update(of=("self",)))
    if not found:
        return None
    rows.delete()
    row = found[0]
    _record(project, "address.released", acting_user, row)
    return row


def _record(
    project: Project | None, verb: str, acting_user: "User | None", row: Suppression, **data: int
) -> None:
    """Neither address nor reason: the record outlives a person's erasure."""
    if project is None:
        return
    if verb == "address.released":
        sentence = _("One address gets mail again.")
    elif row.until is None:
        sentence = _("One address gets no mail any more.")
    else:
        day = row.until.date().isoformat()
        sentence = _("One address gets no mail until %(day)s.") % {"day": day}
    record(
        project=project,
        verb=verb,
        sentence=sentence,
        acting_user=acting_user,
        data={"kind": row.kind, **data},
    )
