from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from cohorts.models.cohort import Cohort
from common.models import PublicIdModel
from projects.models import Project


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
