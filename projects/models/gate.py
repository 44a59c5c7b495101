from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from projects.enums import GateChoice, Operator
from projects.models.project import Project


class Gate(models.Model):
    """A go/no-go: what should hold, and what a named person decided. The last decision counts."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="gates", verbose_name=_("project")
    )
    key = models.CharField(_("key"), max_length=60)  # "cohort:7"
    title = models.CharField(_("title"), max_length=200)
    # What every criterion is asked about, added to its own params: {"cohort": 7}.
    params = models.JSONField(_("of what"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        verbose_name = _("gate")
        verbose_name_plural = _("gates")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("project", "key", name="gate_key_once_a_project"),
        ]

    def __str__(self) -> str:
        return self.title


class GateCriterion(models.Model):
    """A metric against a threshold; without a metric a person confirms it."""

    gate = models.ForeignKey(
        Gate, on_delete=models.CASCADE, related_name="criteria", verbose_name=_("gate")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    text = models.CharField(_("what should hold"), max_length=300)
    metric = models.CharField(_("metric"), max_length=60, blank=True)
    params = models.JSONField(_("of what"), default=dict, blank=True)
    operator = models.CharField(_("operator"), max_length=2, choices=Operator, blank=True)
    threshold = models.DecimalField(
        _("threshold"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    # What is not required reminds: it is ticked like the others, and a go does without it.
    is_required = models.BooleanField(_("required for a go"), default=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(metric="", operator="", threshold__isnull=True)
                | Q(~Q(metric=""), ~Q(operator=""), threshold__isnull=False),
                name="criterion_is_measured_or_confirmed",
            ),
        ]


class GateDecision(models.Model):
    """What a named person decided, with the figures they saw. Never changed."""

    gate = models.ForeignKey(
        Gate, on_delete=models.CASCADE, related_name="decisions", verbose_name=_("gate")
    )
    choice = models.CharField(_("decision"), max_length=8, choices=GateChoice)
    # A waiver opens the gate up to and with this day, in the project's zone.
    until = models.DateField(_("holds until"), null=True, blank=True)
    note = models.CharField(_("why"), max_length=500, blank=True)
    readings = models.JSONField(_("figures at that time"), default=list, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="gate_decisions",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), default=now, editable=False)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(choice=GateChoice.WAIVER, until__isnull=False)
                | Q(~Q(choice=GateChoice.WAIVER), until__isnull=True),
                name="a_waiver_ends",
            ),
        ]
