"""Somebody wants no more of what is not mandatory, or wants it again. Per address, everywhere."""

from django.db import transaction
from django.utils.translation import gettext as _

from common.addresses import address_key
from communications.models import Delivery, Unsubscription
from communications.services.outbox import withdraw_optional


@transaction.atomic
def unsubscribe(*, delivery: Delivery) -> bool:
    """The address of ``delivery`` gets only mandatory mails; what waits is taken back.

    False where it was so already. No event: an unsubscription belongs to no project.
    """
    _row, is_new = Unsubscription.objects.get_or_create(address_key=address_key(delivery.address))
    withdraw_optional(address=delivery.address, reason=_("unsubscribed from what is not mandatory"))
    return is_new


@transaction.atomic
def resubscribe(*, delivery: Delivery) -> bool:
    """Everything again, from the next mail on; False where nothing was stopped."""
    deleted, _kinds = Unsubscription.objects.filter(
        address_key=address_key(delivery.address)
    ).delete()
    return bool(deleted)


def is_unsubscribed(delivery: Delivery) -> bool:
    return Unsubscription.objects.filter(address_key=address_key(delivery.address)).exists()
