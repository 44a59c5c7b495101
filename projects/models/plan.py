from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from projects.enums import STEP_CLOSED, STEP_NEXT, Operator, StepStatus
from projects.models.project import Project, Stakeholder


class Phase(models.Model):
    """A band of steps. Its dates are those of its first and last step."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="phases", verbose_name=_("project")
    )
    key = models.CharField(_("key"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    stage_key = models.CharField(_("stage"), max_length=40)
    stage_title = models.CharField(_("stage title"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("project", "key", name="phase_key_once_a_project"),
        ]

    def __str__(self) -> str:
        return self.title


class StepQuerySet(models.QuerySet["Step"]):
    def open(self) -> "StepQuerySet":
        return self.exclude(status__in=STEP_CLOSED)


class Step(models.Model):
    """One step of the playbook, in this project: who, when, how it stands, what shows it."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="steps", verbose_name=_("project")
    )
    phase = models.ForeignKey(
        Phase, on_delete=models.CASCADE, related_name="steps", verbose_name=_("phase")
    )
    key = models.CharField(_("key"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"))
    title = models.CharField(_("title"), max_length=200)
    why = models.TextField(_("why"), blank=True)
    produces = models.TextField(_("what it produces"), blank=True)
    done_text = models.TextField(_("done when"), blank=True)
    done_metric = models.CharField(_("metric"), max_length=60, blank=True)
    done_params = models.JSONField(_("of what"), default=dict, blank=True)
    done_operator = models.CharField(_("operator"), max_length=2, choices=Operator, blank=True)
    done_threshold = models.DecimalField(
        _("threshold"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    role_codes = ArrayField(
        models.CharField(max_length=8), verbose_name=_("responsible roles"), default=list
    )
    owner = models.ForeignKey(
        Stakeholder,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="owned_steps",
        verbose_name=_("owner"),
    )
    after = models.ManyToManyField(
        "self", symmetrical=False, related_name="followers", blank=True, verbose_name=_("after")
    )
    anchor = models.CharField(_("anchor"), max_length=40)
    offset_days = models.SmallIntegerField(_("days after the anchor"))
    length_days = models.PositiveSmallIntegerField(_("length in days"))
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    baseline_starts_on = models.DateField(_("planned start"))
    baseline_ends_on = models.DateField(_("planned end"))
    status = models.CharField(
        _("status"), max_length=12, choices=StepStatus, default=StepStatus.TODO
    )
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("project", "key", name="step_key_once_a_project"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="step_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(status=StepStatus.DONE, done_at__isnull=False)
                | (~Q(status=StepStatus.DONE) & Q(done_at__isnull=True)),
                name="step_done_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def next_status(self) -> str:
        """The usual next move; "" where there is none."""
        return STEP_NEXT.get(StepStatus(self.status), "")


class Evidence(models.Model):
    """What shows that a step was done: a note, a link or both."""

    step = models.ForeignKey(
        Step, on_delete=models.CASCADE, related_name="evidence", verbose_name=_("step")
    )
    note = models.TextField(_("note"), blank=True)
    url = models.URLField(_("link"), max_length=500, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="added_evidence",
        verbose_name=_("added by"),
    )
    added_at = models.DateTimeField(_("added at"), default=now, editable=False)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["-added_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(note="") | ~Q(url=""), name="evidence_says_something"
            ),
        ]


class Milestone(models.Model):
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="milestones", verbose_name=_("project")
    )
    key = models.CharField(_("key"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    on = models.DateField(_("on"))
    reached_on = models.DateField(_("reached on"), null=True, blank=True)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint("project", "key", name="milestone_key_once_a_project"),
        ]

    def __str__(self) -> str:
        return self.title


class FreezeWindow(models.Model):
    """Days on which nothing is switched."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="freezes", verbose_name=_("project")
    )
    title = models.CharField(_("title"), max_length=200)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))

    class Meta:
        verbose_name = _("freeze")
        verbose_name_plural = _("freezes")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="freeze_ends_after_its_start"
            ),
        ]

    def __str__(self) -> str:
        return self.title
