from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from cohorts.enums import DeferralStatus, ProblemStatus
from cohorts.models.cohort import Cohort
from cohorts.models.participant import Participant


class Deferral(models.Model):
    """Somebody asks to change mode later than planned; a manager says yes, with a cohort, or no."""

    participant = models.ForeignKey(
        Participant,
        on_delete=models.CASCADE,
        related_name="deferrals",
        verbose_name=_("participant"),
    )
    from_cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="deferrals", verbose_name=_("from cohort")
    )
    # The cohort asked for while open, the one decided on afterwards.
    to_cohort = models.ForeignKey(
        Cohort,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deferrals_in",
        verbose_name=_("return cohort"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=DeferralStatus, default=DeferralStatus.ASKED
    )
    reason = models.TextField(_("reason"))
    # Empty: the person asked by their personal link.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="asked_deferrals",
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("asked"), default=now, editable=False)
    until = models.DateField(_("at the latest until"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="decided_deferrals",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("deferral")
        verbose_name_plural = _("deferrals")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "from_cohort"],
                name="one_open_deferral_a_cohort",
                condition=Q(status=DeferralStatus.ASKED),
            ),
        ]


class Problem(models.Model):
    """Something that stands in a person's way. While a blocking one is open they are blocked."""

    participant = models.ForeignKey(
        Participant,
        on_delete=models.CASCADE,
        related_name="problems",
        verbose_name=_("participant"),
    )
    # The cohort that counted when it was reported.
    cohort = models.ForeignKey(
        Cohort,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="problems",
        verbose_name=_("cohort"),
    )
    text = models.TextField(_("what is wrong"))
    is_blocking = models.BooleanField(_("blocks the switch"), default=False)
    status = models.CharField(
        _("status"), max_length=8, choices=ProblemStatus, default=ProblemStatus.OPEN
    )
    # Empty: the person reported it by their personal link.
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reported_problems",
        verbose_name=_("reported by"),
    )
    reported_at = models.DateTimeField(_("reported"), default=now, editable=False)
    solved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="solved_problems",
        verbose_name=_("solved by"),
    )
    solved_at = models.DateTimeField(_("solved"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("problem")
        verbose_name_plural = _("problems")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["cohort"], name="problem_open", condition=Q(status=ProblemStatus.OPEN)
            ),
        ]
