from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from communications.enums import BounceKind
from communications.models.delivery import Delivery


class Bounce(models.Model):
    """A mail server's report that one mail did not arrive after all. Never changed."""

    delivery = models.OneToOneField(
        Delivery, on_delete=models.CASCADE, related_name="bounce", verbose_name=_("delivery")
    )
    # Kept beside the delivery, which forgets its address when the person is erased.
    address_key = models.CharField(_("address"), max_length=320)
    kind = models.CharField(_("kind"), max_length=8, choices=BounceKind)
    text = models.CharField(_("the server's words"), max_length=500, blank=True)
    at = models.DateTimeField(_("read at"), default=now, editable=False)

    class Meta:
        verbose_name = _("bounce")
        verbose_name_plural = _("bounces")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["address_key", "-at"], name="bounce_of_address")]
