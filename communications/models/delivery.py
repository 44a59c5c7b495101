import uuid

from django.conf import settings
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Lower
from django.db.models.lookups import LessThanOrEqual
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from cohorts.models import Participant
from communications import languages
from communications.enums import DeliveryState, SuppressionKind
from communications.models.message import Occurrence
from communications.models.teams import TeamsChannel
from projects.models import Stakeholder


class Delivery(models.Model):
    """One message to one recipient: made before anything is sent, never made twice."""

    occurrence = models.ForeignKey(
        Occurrence,
        on_delete=models.CASCADE,
        related_name="deliveries",
        verbose_name=_("occurrence"),
        db_index=False,
    )
    # Exactly one of these, or none once the person was erased; the key stays.
    participant = models.ForeignKey(
        Participant,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("participant"),
    )
    stakeholder = models.ForeignKey(
        Stakeholder,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("stakeholder"),
        db_index=False,
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("user"),
        db_index=False,
    )
    channel = models.ForeignKey(
        TeamsChannel,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("Teams channel"),
        db_index=False,
    )
    recipient_key = models.CharField(_("recipient"), max_length=24)  # p:17, s:4, u:2, c:1
    address = models.CharField(_("address at claim"), max_length=320, blank=True)
    message_id = models.UUIDField(_("Message-ID"), default=uuid.uuid4, unique=True)
    state = models.CharField(
        _("state"), max_length=12, choices=DeliveryState, default=DeliveryState.QUEUED
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    content_revision = models.IntegerField(_("revision"), null=True)
    # Which text of the revision it was: the language of a variant, empty for the message's own.
    language = models.CharField(_("language"), max_length=35, blank=True, default="", db_default="")
    # Made for somebody who joined late and gets the short text.
    is_short = models.BooleanField(_("short text"), default=False, db_default=False)
    not_before = models.DateTimeField(_("not before"), default=now)
    lease_until = models.DateTimeField(_("lease until"), null=True)
    owner = models.UUIDField(_("worker"), null=True)
    attempts = models.SmallIntegerField(_("attempts"), default=0)
    claims = models.SmallIntegerField(_("deaths while built or sent"), default=0)
    smtp_code = models.SmallIntegerField(_("server's code"), null=True)
    smtp_text = models.CharField(_("server's answer"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                "occurrence", "recipient_key", name="delivery_once_a_recipient"
            ),
            # Each change of a row asks each check: so this one alone, and no others of integers.
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    Func(
                        "participant",
                        "stakeholder",
                        "user",
                        "channel",
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="delivery_to_one_at_most",
            ),
        ]
        indexes = [
            models.Index(
                fields=["occurrence", "not_before", "id"],
                name="delivery_queue",
                condition=Q(state="queued"),
            ),
            # The lease column's own condition keeps this index out of the mark's plan.
            models.Index(
                fields=["lease_until"],
                name="delivery_lease",
                condition=Q(lease_until__isnull=False),
            ),
            models.Index(fields=["occurrence", "state"], name="delivery_by_state"),
            # Each row is written four times: an index that says nothing of it should not be.
            models.Index(
                fields=["stakeholder"],
                name="delivery_to_stakeholder",
                condition=Q(stakeholder__isnull=False),
            ),
            models.Index(fields=["user"], name="delivery_to_user", condition=Q(user__isnull=False)),
            models.Index(
                fields=["channel"],
                name="delivery_to_channel",
                condition=Q(channel__isnull=False),
            ),
            # How much mail an address got lately.
            models.Index(
                Lower("address"),
                name="delivery_to_address",
                condition=Q(state__in=["sent", "uncertain"]),
            ),
        ]

    @property
    def text_words(self) -> str:
        """Which of the message's texts it is; empty for its own one in full."""
        short = _("short text") if self.is_short else ""
        return ", ".join(str(part) for part in (languages.name(self.language), short) if part)


class Suppression(models.Model):
    """An address that gets no mail, in any project, until the date given or for good."""

    address_key = models.CharField(_("address"), max_length=320, unique=True)
    kind = models.CharField(
        _("kind"), max_length=16, choices=SuppressionKind, default=SuppressionKind.HARD_BOUNCE
    )
    reason = models.CharField(_("reason"), max_length=200)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("set by"),
    )
    since = models.DateTimeField(_("since"), default=now)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        ordering = ["-since"]
