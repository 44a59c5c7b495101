from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from projects.models import Project

MAILS_A_WEEK = 5


class SendingRules(models.Model):
    """How a project keeps people from too much mail, and itself from a wrong click.

    Without a row the defaults hold: no quiet hours, no second approval, everybody may get mail,
    at most five a week.
    """

    project = models.OneToOneField(
        Project,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="sending_rules",
        verbose_name=_("project"),
    )
    # Wall time where the person is; may run over midnight. What a person orders now goes out.
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    second_above = models.PositiveIntegerField(
        _("a second approval above so many people"), null=True, blank=True
    )
    # Counted per address over all projects; empty means as many as there are.
    mails_a_week = models.PositiveSmallIntegerField(
        _("mails a week to one address"), null=True, blank=True, default=MAILS_A_WEEK
    )
    # Families and reception desks: several people, one address.
    is_one_an_address = models.BooleanField(
        _("one mail for people who share an address"), default=False
    )
    is_staging = models.BooleanField(_("only the list below gets mail"), default=False)
    staging_list = ArrayField(
        models.CharField(max_length=320),
        verbose_name=_("addresses and @domains"),
        default=list,
        blank=True,
    )

    class Meta:
        verbose_name = _("sending rules")
        verbose_name_plural = _("sending rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_begin_and_end",
            ),
            models.CheckConstraint(
                condition=Q(mails_a_week__isnull=True) | Q(mails_a_week__gte=1),
                name="some_mail_a_week",
            ),
        ]


class Unsubscription(models.Model):
    """An address that gets only what everybody must get, in any project."""

    address_key = models.CharField(_("address"), max_length=320, unique=True)
    since = models.DateTimeField(_("since"), default=now)

    class Meta:
        verbose_name = _("unsubscription")
        verbose_name_plural = _("unsubscriptions")
        ordering = ["-since"]
