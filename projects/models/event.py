from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from projects.models.project import Project


class Event(models.Model):
    """One line of the project's record. Written with the change it records, never changed."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="events", verbose_name=_("project")
    )
    at = models.DateTimeField(_("at"), default=now, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="events",
        verbose_name=_("who"),
    )
    verb = models.CharField(_("what"), max_length=60)
    subject_type = models.CharField(_("kind of thing"), max_length=40, blank=True)
    subject_id = models.BigIntegerField(_("which"), null=True)
    sentence = models.CharField(_("in words"), max_length=500)
    data = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["project", "-id"], name="event_of_project"),
            models.Index(fields=["project", "subject_type", "subject_id"], name="event_of_subject"),
        ]

    def __str__(self) -> str:
        return self.sentence
