from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cohorts.enums import CohortKind, CohortStatus, RuleField
from projects.models import Project, Stakeholder


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
    owner = models.ForeignKey(
        Stakeholder,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="owned_cohorts",
        verbose_name=_("owner"),
    )
    # Empty: as many as come. Kept by the database on every path, see the migration.
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)
    is_bookable = models.BooleanField(_("people may choose it themselves"), default=False)
    booking_closes_days = models.PositiveSmallIntegerField(
        _("choice closes days before the switch"), default=7
    )
    frozen_at = models.DateTimeField(_("membership frozen at"), null=True, blank=True)
    # Of the calendar entry: higher with every date that people were told.
    calendar_sequence = models.PositiveIntegerField(_("version of the calendar entry"), default=0)

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


class CohortRule(models.Model):
    """Who belongs into a cohort. Over the whole project the first rule that fits a person wins."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="cohort_rules", verbose_name=_("project")
    )
    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="rules", verbose_name=_("cohort")
    )
    position = models.PositiveSmallIntegerField(_("order"))
    field = models.CharField(_("looks at"), max_length=12, choices=RuleField)
    attribute = models.CharField(_("column"), max_length=100, blank=True)
    values = ArrayField(
        models.CharField(max_length=320), verbose_name=_("is one of"), default=list, blank=True
    )
    # Of the people who fit, chosen once and for all: the same people at every run.
    sample_percent = models.PositiveSmallIntegerField(_("percent of them"), null=True, blank=True)
    keep_together = models.CharField(
        _("keep together"), max_length=12, choices=RuleField, blank=True, default=""
    )
    is_on = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "position"],
                name="rule_order_once_a_project",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(sample_percent__isnull=True)
                | Q(sample_percent__gte=1, sample_percent__lte=100),
                name="rule_sample_is_a_percentage",
            ),
        ]
