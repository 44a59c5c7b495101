from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Sender(models.Model):
    """One outgoing mail server account: its limits, and what was taken of them.

    A 421 or a lost connection holds it, not a million rows. ``tokens`` and ``tokens_at`` are the
    bucket of seconds, ``lately`` is {minute: mails} of the last hour; pipeline.rates writes them.
    """

    name = models.CharField(_("name"), max_length=40, unique=True)
    hold_until = models.DateTimeField(_("on hold until"), null=True, blank=True)
    hold_reason = models.CharField(_("why"), max_length=500, blank=True)
    failures_in_a_row = models.PositiveIntegerField(_("failures in a row"), default=0)
    per_second = models.PositiveIntegerField(_("mails a second"), null=True, blank=True)
    per_hour = models.PositiveIntegerField(_("mails an hour"), null=True, blank=True)
    connections = models.PositiveSmallIntegerField(_("connections"), null=True, blank=True)
    uses_pipelining = models.BooleanField(_("several commands at once"), default=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("changed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="changed_senders",
    )
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)
    fewer_connections = models.PositiveSmallIntegerField(
        _("connections for the moment"), null=True, blank=True
    )
    fewer_until = models.DateTimeField(_("fewer connections until"), null=True, blank=True)
    tokens = models.FloatField(_("mails that may leave now"), null=True, blank=True)
    tokens_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    lately = models.JSONField(_("mails by minute"), default=dict, blank=True)

    class Meta:
        verbose_name = _("sender")
        verbose_name_plural = _("senders")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(per_second__isnull=True) | models.Q(per_second__gte=1),
                name="sender_sends_something_a_second",
            ),
            models.CheckConstraint(
                condition=models.Q(per_hour__isnull=True) | models.Q(per_hour__gte=1),
                name="sender_sends_something_an_hour",
            ),
            models.CheckConstraint(
                condition=models.Q(connections__isnull=True) | models.Q(connections__gte=1),
                name="sender_has_a_connection",
            ),
        ]


class SendSwitch(models.Model):
    """One row. Names the database it was turned on in, so that a restored copy does not send."""

    system_identifier = models.CharField(_("database cluster"), max_length=40)
    database_oid = models.BigIntegerField(_("database"))
    is_on = models.BooleanField(_("sending is on"), default=True)

    class Meta:
        verbose_name = _("send switch")
        verbose_name_plural = _("send switch")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_send_switch")]
