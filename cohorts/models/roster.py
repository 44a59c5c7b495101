"""Files of people on their way in, and what the last import changed, so that it can be undone."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from cohorts.enums import UploadStatus
from cohorts.models.cohort import Cohort
from cohorts.models.participant import Participant
from common.models import PublicIdModel
from projects.models import Project


class RosterUpload(PublicIdModel):
    """A roster between its upload and its import. Dropped by a person, or after a day."""

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
    size = models.BigIntegerField(_("bytes"), default=0)
    status = models.CharField(
        _("status"), max_length=9, choices=UploadStatus, default=UploadStatus.COLUMNS
    )
    is_strict = models.BooleanField(_("all or nothing"), default=False)
    is_whole = models.BooleanField(_("the whole organisation"), default=False)
    columns = models.JSONField(
        _("columns"), default=dict, blank=True, help_text=_("Folded header: what it is taken as.")
    )
    report = models.JSONField(_("what the import would do, or did"), default=dict, blank=True)
    fault = models.TextField(_("why it failed"), blank=True)
    # How far a worker is; written on a connection of its own while the import's is busy.
    rows_read = models.PositiveIntegerField(_("rows read"), default=0)
    is_cancel_asked = models.BooleanField(_("cancel was asked for"), default=False)
    leavers_agreed = models.PositiveIntegerField(_("leavers agreed to"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    asked_at = models.DateTimeField(_("given to a worker"), null=True, blank=True)
    started_at = models.DateTimeField(_("begun by a worker"), null=True, blank=True)
    created_at = models.DateTimeField(_("uploaded"), default=now, editable=False)

    class Meta:
        verbose_name = _("roster upload")
        verbose_name_plural = _("roster uploads")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["created_at"], name="roster_upload_by_age")]

    def __str__(self) -> str:
        return self.file_name


class RosterPart(models.Model):
    """A piece of the file, compressed by itself, so that nobody holds all of it in memory."""

    upload = models.ForeignKey(
        RosterUpload,
        on_delete=models.CASCADE,
        related_name="parts",
        verbose_name=_("upload"),
        db_index=False,
    )
    number = models.PositiveIntegerField(_("number"))
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("part of a roster")
        verbose_name_plural = _("parts of rosters")
        constraints = [
            models.UniqueConstraint("upload", "number", name="roster_part_once"),
        ]


class RosterMapping(models.Model):
    """What a project takes the columns of its rosters as; found again by the folded header."""

    project = models.OneToOneField(
        Project, on_delete=models.CASCADE, related_name="roster_mapping", verbose_name=_("project")
    )
    columns = models.JSONField(_("columns"), default=dict, blank=True)

    class Meta:
        verbose_name = _("columns of rosters")
        verbose_name_plural = _("columns of rosters")


class RosterImport(models.Model):
    """The last import of a project. ``made_at`` is exact: who it added has it as ``created_at``,
    who left by it as ``left_at``."""

    project = models.OneToOneField(
        Project, on_delete=models.CASCADE, related_name="roster_import", verbose_name=_("project")
    )
    cohort = models.ForeignKey(
        Cohort,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cohort"),
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("imported by"),
    )
    made_at = models.DateTimeField(_("imported"))
    created = models.PositiveIntegerField(_("new people"), default=0)
    updated = models.PositiveIntegerField(_("changed people"), default=0)
    left = models.PositiveIntegerField(_("people who left"), default=0)
    # A large one is undone by a worker.
    undo_asked_at = models.DateTimeField(_("undoing asked for"), null=True, blank=True)
    undo_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undoing asked for by"),
    )
    undo_fault = models.TextField(_("why it was not undone"), blank=True)

    class Meta:
        verbose_name = _("import of people")
        verbose_name_plural = _("imports of people")


class RosterBefore(models.Model):
    """How a person was before the last import changed them, and how it left them.

    Either their facts, or the row of their membership (null: there was none).
    """

    roster_import = models.ForeignKey(
        RosterImport,
        on_delete=models.CASCADE,
        related_name="befores",
        verbose_name=_("import"),
    )
    participant = models.ForeignKey(
        Participant,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("participant"),
    )
    is_place = models.BooleanField(_("is about a cohort"), default=False)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"))

    class Meta:
        verbose_name = _("person before an import")
        verbose_name_plural = _("people before an import")
