from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.sealed import SealedTextField
from projects.models import Project


class TeamsChannel(models.Model):
    """Where cards are posted: a channel in Teams, behind the address of its Workflow.

    Whoever has ``url`` can post there, so no page, event, log or file shows it, nor a copy of the
    database. It is empty where its key is gone.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="teams_channels", verbose_name=_("project")
    )
    name = models.CharField(_("name"), max_length=80)
    url = SealedTextField(_("Workflow address"))
    # Not more than a few posts a second, and none for a while after trouble.
    not_before = models.DateTimeField(_("left alone until"), null=True, blank=True)
    failures_in_a_row = models.PositiveIntegerField(_("failures in a row"), default=0)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("added by"),
    )
    added_at = models.DateTimeField(_("added"), default=now, editable=False)

    class Meta:
        verbose_name = _("Teams channel")
        verbose_name_plural = _("Teams channels")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint("project", "name", name="teams_channel_once_a_project"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def masked(self) -> str:
        """Enough of the address to tell it from others, nothing that opens it."""
        if not self.url:
            return gettext("The address of the Workflow can no longer be read. Enter it once more.")
        return f"https://{urlsplit(self.url).hostname}/…"
