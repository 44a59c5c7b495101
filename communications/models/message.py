from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort
from communications.enums import (
    AmbiguityPolicy,
    Channel,
    LatePolicy,
    MessageStatus,
    MessageZone,
    OccurrenceState,
)
from projects.models import Project, Stakeholder


class Message(models.Model):
    """Content, timing rule and audience rule. It fires once for each anchor: see Occurrence."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="messages", verbose_name=_("project")
    )
    key = models.CharField(_("key"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    title = models.CharField(_("title"), max_length=200)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), help_text=_("Markdown with {placeholders}."))
    # A tag such as "de"; empty: the installation's language.
    language = models.CharField(
        _("written in"), max_length=35, blank=True, default="", db_default=""
    )
    # For who joins late, where the message says so.
    short_subject = models.CharField(
        _("short subject"), max_length=200, blank=True, default="", db_default=""
    )
    short_body = models.TextField(_("short text"), blank=True, default="", db_default="")
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.MAIL)
    audience_kind = models.CharField(_("audience"), max_length=40)
    audience_params = models.JSONField(_("of what"), default=dict, blank=True)
    cohort_kind = models.CharField(_("cohorts"), max_length=8, blank=True)
    anchor = models.CharField(_("anchor"), max_length=40)
    offset_days = models.SmallIntegerField(_("days after the anchor"))
    wall_time = models.TimeField(_("time of day"))
    zone = models.CharField(
        _("read in"), max_length=8, choices=MessageZone, default=MessageZone.COHORT
    )
    is_working_day = models.BooleanField(_("next working day"), default=False)
    not_after_days = models.PositiveSmallIntegerField(_("missed after days"), default=3)
    # With the cohort's switch as a calendar entry that moves when the switch does.
    has_calendar = models.BooleanField(_("with a calendar entry"), default=False)
    late_policy = models.CharField(
        _("who joins later"), max_length=8, choices=LatePolicy, default=LatePolicy.SKIP
    )
    is_mandatory = models.BooleanField(_("mandatory"), default=False)
    sender = models.ForeignKey(
        Stakeholder,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sent_messages",
        verbose_name=_("signed by"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=MessageStatus, default=MessageStatus.ACTIVE
    )
    revision = models.PositiveIntegerField(_("revision"), default=1)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint("project", "key", name="message_key_once_a_project"),
            models.CheckConstraint(
                condition=~models.Q(late_policy=LatePolicy.SHORT)
                | (~models.Q(short_subject="") & ~models.Q(short_body="")),
                name="message_short_has_a_text",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Occurrence(models.Model):
    """One firing of a message for one anchor: a cohort, the project, a survey's nth reminder."""

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="occurrences", verbose_name=_("message")
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="occurrences", verbose_name=_("project")
    )
    cohort = models.ForeignKey(
        Cohort,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="occurrences",
        verbose_name=_("cohort"),
    )
    # "project", "cohort:7" or "cohort:7:r1": what makes ordering the same thing twice impossible.
    anchor_key = models.CharField(_("anchor key"), max_length=60)
    # As the rule's clock shows it, kept as UTC. Empty where a person or a survey set the instant,
    # or where the rule's day is not known yet: moving an anchor leaves an ordered one alone.
    wall_at = models.DateTimeField(_("wall time"), null=True, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    not_after = models.DateTimeField(_("not after"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=OccurrenceState, default=OccurrenceState.PLANNED
    )
    ambiguity = models.CharField(
        _("when uncertain"), max_length=6, choices=AmbiguityPolicy, default=AmbiguityPolicy.HOLD
    )
    content_revision = models.PositiveIntegerField(_("revision sent"), null=True, blank=True)
    # Raised when what its mails say has changed without a new text, as a date does: a mail that was
    # built before is not marked any more.
    values_version = models.PositiveIntegerField(
        _("version of its values"), default=0, db_default=0
    )
    expansion_cursor = models.BigIntegerField(_("expanded up to"), default=0)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="approved_occurrences",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    approved_count = models.PositiveIntegerField(_("people when approved"), null=True, blank=True)
    # What else was approved: which text, and for when. Who it was is in ApprovedAudience.
    approved_revision = models.PositiveIntegerField(
        _("revision when approved"), null=True, blank=True
    )
    approved_due_at = models.DateTimeField(_("due when approved"), null=True, blank=True)
    # Where more people get it than one person may decide: the first of the two.
    first_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("first approved by"),
    )
    # A person said "now": quiet hours and the week's number of mails do not hold it.
    ordered_at = models.DateTimeField(_("ordered for now at"), null=True, blank=True)
    # Since then its people are collected again: who comes now joined late.
    caught_up_at = models.DateTimeField(_("caught up at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        verbose_name = _("occurrence")
        verbose_name_plural = _("occurrences")
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint("message", "anchor_key", name="occurrence_once_an_anchor"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="occurrence_to_do",
                condition=models.Q(state__in=["approved", "expanding", "sending"]),
            ),
            models.Index(fields=["project", "due_at"], name="occurrence_of_project"),
        ]

    def __str__(self) -> str:
        return self.anchor_key


class ApprovedAudience(models.Model):
    """Whom an occurrence would have reached when it was approved: ids, no names."""

    occurrence = models.OneToOneField(
        Occurrence,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="approved_audience",
        verbose_name=_("occurrence"),
    )
    people = ArrayField(models.BigIntegerField(), verbose_name=_("people"))

    class Meta:
        verbose_name = _("approved audience")
        verbose_name_plural = _("approved audiences")
