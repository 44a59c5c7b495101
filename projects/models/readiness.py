from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.project import Project


class ReadinessCheck(models.Model):
    """One readiness question of the playbook and the project's answer to it."""

    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="readiness_checks",
        verbose_name=_("project"),
    )
    key = models.CharField(_("key"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"))
    area = models.CharField(_("area"), max_length=100)
    question = models.CharField(_("question"), max_length=500)
    kind = models.CharField(_("kind of answer"), max_length=12)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    is_blocking = models.BooleanField(_("blocks the upgrade"), default=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("readiness question")
        verbose_name_plural = _("readiness questions")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("project", "key", name="readiness_key_once_a_project"),
        ]

    def __str__(self) -> str:
        return self.question
