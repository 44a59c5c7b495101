"""Forgets where mail to a person went. The ledger keeps that there was one, and its state."""

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.models import Participant
from common.addresses import address_digest, address_key
from communications.enums import DeliveryState
from communications.exceptions import OutboxRefused
from communications.models import Bounce, Delivery, SendingRules, Suppression, Unsubscription
from communications.queries.addressees import addressees_of


@transaction.atomic
def forget_recipient(*, participant: Participant, address: str) -> int:
    """Take the address and the servers' words out of the person's deliveries; how many.

    Call it when the person's row has been emptied: then their mails that waited are taken back.
    An order to write to ``address`` no more stays, by its digest alone where nobody else has it.
    Raises OutboxRefused while a mail to them is being handed over.
    """
    rows = Delivery.objects.filter(participant=participant).order_by("pk")
    states = list(rows.select_for_update(of=("self",)).values_list("state", flat=True))
    if DeliveryState.SENDING in states:
        raise OutboxRefused(_("A mail to this person is just being sent. Try again in a minute."))
    Bounce.objects.filter(delivery__participant=participant).update(text="", address_key="")
    # The reason may quote what was said when the address was suppressed.
    Delivery.objects.filter(participant=participant).update(address="", smtp_text="", reason="")
    mine = SendingRules.objects.filter(project=participant.project_id)
    for rules in mine.select_for_update():
        left = [one for one in rules.staging_list if address_key(one) != address_key(address)]
        if left != rules.staging_list:
            rules.staging_list = left
            rules.save(update_fields=["staging_list"])
    _keep_digest(address)
    return len(states)


def _keep_digest(address: str) -> None:
    key, others = address_key(address), addressees_of(address)
    if others.participants or others.stakeholders or others.users:
        return
    digest = address_digest(key)
    for model, more in ((Suppression, {"reason": ""}), (Unsubscription, {})):
        kept = model._default_manager.filter(address_key=key)
        if kept.exists():
            # From an earlier erasure of the same address.
            model._default_manager.filter(address_key=digest).delete()
            kept.update(address_key=digest, **more)
