from django.db import models
from django.utils.translation import gettext_lazy as _

from cohorts.enums import ModeRecordKind, ModeSource
from cohorts.models.cohort import Cohort
from cohorts.models.participant import Participant


class ModeRecord(models.Model):
    """One line of a person's history: a mode was granted to them, or seen. Never changed."""

    participant = models.ForeignKey(
        Participant,
        on_delete=models.CASCADE,
        related_name="mode_records",
        verbose_name=_("participant"),
        db_index=False,
    )
    # The cohort that counted at that moment; None for a person in none.
    cohort = models.ForeignKey(
        Cohort,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="mode_records",
        verbose_name=_("cohort"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=ModeRecordKind)
    mode = models.CharField(_("mode"), max_length=80, blank=True)
    source = models.CharField(_("source"), max_length=8, choices=ModeSource)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("mode record")
        verbose_name_plural = _("mode records")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["participant", "kind", "-at", "-id"], name="mode_history"),
        ]
