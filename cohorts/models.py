"""Who is upgraded, and with whom. A participant belongs to one project."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from cohorts.enums import (
    CohortKind,
    CohortStatus,
    ModeRecordKind,
    ModeSource,
    ModeState,
    ParticipantStatus,
)
from common.models import PublicIdModel
from projects.models import Project


class Cohort(models.Model):
    """People who change mode on the same day: the pilot or one wave."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="cohorts", verbose_name=_("project")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=CohortKind)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"))
    switch_on = models.DateField(_("switch date"))
    switch_time = models.TimeField(_("switch time"))
    timezone = models.CharField(_("time zone"), max_length=64)
    ends_on = models.DateField(_("ends on"), help_text=_("The survey's last day."))
    from_mode = models.CharField(_("from mode"), max_length=80)
    to_mode = models.CharField(_("to mode"), max_length=80)
    status = models.CharField(
        _("status"), max_length=12, choices=CohortStatus, default=CohortStatus.PLANNED
    )
    switched_at = models.DateTimeField(_("switched at"), null=True, blank=True)

    class Meta:
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint("project", "name", name="cohort_name_once_a_project"),
            # Target of the composite foreign key that keeps Membership.kind true.
            models.UniqueConstraint("id", "kind", name="cohort_id_and_kind"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("switch_on")), name="cohort_ends_after_its_switch"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def active(self) -> "ParticipantQuerySet":
        return self.filter(status=ParticipantStatus.ACTIVE)

    def in_cohort(self, cohort: Cohort) -> "ParticipantQuerySet":
        return self.filter(memberships__cohort=cohort)


class Participant(PublicIdModel):
    """One person to be upgraded. ``key``: the UPN, else the mail, NFC and casefolded."""

    # No index of its own: the unique constraint and both indexes below begin with the project.
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="participants",
        verbose_name=_("project"),
        db_index=False,
    )
    key = models.CharField(_("identity key"), max_length=320, editable=False)
    upn = models.CharField(_("user principal name"), max_length=320, blank=True)
    mail = models.CharField(_("mail"), max_length=320, blank=True)
    display_name = models.CharField(_("name"), max_length=256)
    object_id = models.CharField(_("object id"), max_length=64, blank=True)
    sip_address = models.CharField(_("SIP address"), max_length=320, blank=True)
    department = models.CharField(_("department"), max_length=256, blank=True)
    office = models.CharField(_("office"), max_length=256, blank=True)
    country = models.CharField(_("country"), max_length=128, blank=True)
    usage_location = models.CharField(_("usage location"), max_length=16, blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)
    manager = models.CharField(_("manager"), max_length=320, blank=True)
    status = models.CharField(
        _("status"), max_length=8, choices=ParticipantStatus, default=ParticipantStatus.ACTIVE
    )
    created_at = models.DateTimeField(_("added"), default=now, editable=False)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["display_name", "pk"]
        constraints = [
            models.UniqueConstraint("project", "key", name="participant_key_once_a_project"),
        ]
        indexes = [
            models.Index(fields=["project", "display_name", "id"], name="participant_by_name"),
            models.Index(fields=["project", "department"], name="participant_by_department"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def address(self) -> str:
        """Where mail goes: ``mail``, else the UPN."""
        return self.mail or self.upn


class Membership(models.Model):
    """A participant in a cohort: at most one pilot and one wave, kept so by the database."""

    participant = models.ForeignKey(
        Participant,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("participant"),
    )
    # The plain index is (cohort, participant) below; `kind` repeats the cohort's, see migration.
    cohort = models.ForeignKey(
        Cohort,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("cohort"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=8, choices=CohortKind)
    joined_at = models.DateTimeField(_("joined"), default=now)
    switched_at = models.DateTimeField(_("switched"), null=True, blank=True)
    # Defaults of the database, because people are put into cohorts by COPY and INSERT as well.
    mode_state = models.CharField(
        _("state of the mode"), max_length=16, choices=ModeState, db_default=ModeState.WAITING
    )
    exported_at = models.DateTimeField(_("last in a script"), null=True, blank=True)
    granted_at = models.DateTimeField(_("granted"), null=True, blank=True)
    observed_mode = models.CharField(_("observed mode"), max_length=80, blank=True, db_default="")
    observed_at = models.DateTimeField(_("in this mode since"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint("participant", "kind", name="one_pilot_and_one_wave"),
        ]
        indexes = [
            models.Index(fields=["cohort", "participant"], name="membership_of_cohort"),
            models.Index(
                fields=["cohort", "participant"],
                name="membership_in_drift",
                condition=Q(mode_state=ModeState.DRIFT),
            ),
        ]


class ModeRecord(models.Model):
    """One line of a person's history: a mode was granted to them, or seen. Never changed."""

    participant = models.ForeignKey(
        Participant,
        on_delete=models.CASCADE,
        related_name="mode_records",
        verbose_name=_("participant"),
        db_index=False,
    )
    # The cohort that counted at that moment; None for a person in none.
    cohort = models.ForeignKey(
        Cohort,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="mode_records",
        verbose_name=_("cohort"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=ModeRecordKind)
    mode = models.CharField(_("mode"), max_length=80, blank=True)
    source = models.CharField(_("source"), max_length=8, choices=ModeSource)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("mode record")
        verbose_name_plural = _("mode records")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["participant", "kind", "-at", "-id"], name="mode_history"),
        ]


class RosterUpload(PublicIdModel):
    """A roster between its preview and its confirmation. Dropped after either, or after a day."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="roster_uploads", verbose_name=_("project")
    )
    cohort = models.ForeignKey(
        Cohort,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="roster_uploads",
        verbose_name=_("cohort"),
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="roster_uploads",
        verbose_name=_("uploaded by"),
    )
    file_name = models.CharField(_("file name"), max_length=255)
    content = models.BinaryField(_("content"), help_text=_("The file as it came, gzipped."))
    is_strict = models.BooleanField(_("all or nothing"), default=False)
    report = models.JSONField(_("what the import would do"))
    created_at = models.DateTimeField(_("uploaded"), default=now, editable=False)

    class Meta:
        verbose_name = _("roster upload")
        verbose_name_plural = _("roster uploads")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["created_at"], name="roster_upload_by_age")]

    def __str__(self) -> str:
        return self.file_name
