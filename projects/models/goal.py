from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from projects.enums import Operator
from projects.models.project import Project, Stakeholder


class Goal(models.Model):
    """A metric against a target. The metric is looked up in the registry, or typed in by hand."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="goals", verbose_name=_("project")
    )
    key = models.CharField(_("key"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"))
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, blank=True)
    metric = models.CharField(_("metric"), max_length=60)
    params = models.JSONField(_("of what"), default=dict, blank=True)
    operator = models.CharField(_("operator"), max_length=2, choices=Operator)
    target = models.DecimalField(_("target"), max_digits=12, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    how_measured = models.TextField(_("how it is measured"), blank=True)
    cadence = models.CharField(_("when"), max_length=200, blank=True)
    owner = models.ForeignKey(
        Stakeholder,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="owned_goals",
        verbose_name=_("owner"),
    )

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint("project", "key", name="goal_key_once_a_project"),
        ]

    def __str__(self) -> str:
        return self.title


class Measurement(models.Model):
    """One figure of one goal at one moment. A new row only where value or n moved."""

    goal = models.ForeignKey(
        Goal, on_delete=models.CASCADE, related_name="measurements", verbose_name=_("goal")
    )
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=2)
    n = models.PositiveIntegerField(_("number of cases"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    measured_at = models.DateTimeField(_("measured at"), default=now)
    checked_at = models.DateTimeField(_("still so at"), default=now)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="entered_measurements",
        verbose_name=_("entered by"),
    )

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ["-measured_at", "-pk"]
        indexes = [models.Index(fields=["goal", "-measured_at"], name="measurement_latest")]
