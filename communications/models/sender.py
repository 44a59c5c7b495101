from django.db import models
from django.utils.translation import gettext_lazy as _


class Sender(models.Model):
    """One outgoing mail server account. A 421 or a lost connection holds it, not a million rows."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    hold_until = models.DateTimeField(_("on hold until"), null=True, blank=True)
    hold_reason = models.CharField(_("why"), max_length=500, blank=True)
    failures_in_a_row = models.PositiveIntegerField(_("failures in a row"), default=0)

    class Meta:
        verbose_name = _("sender")
        verbose_name_plural = _("senders")


class SendSwitch(models.Model):
    """One row. Names the database it was turned on in, so that a restored copy does not send."""

    system_identifier = models.CharField(_("database cluster"), max_length=40)
    database_oid = models.BigIntegerField(_("database"))
    is_on = models.BooleanField(_("sending is on"), default=True)

    class Meta:
        verbose_name = _("send switch")
        verbose_name_plural = _("send switch")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_send_switch")]
