"""Figures of people that triggers of the database keep: rows of differences to be summed.

Nobody writes them but the triggers and ``services.counts``: every statement that changes people
adds what it changed, so no two ever wait for one row. Summed they are exact in every snapshot.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cohorts.models.cohort import Cohort
from projects.models import Project


def _number() -> "models.IntegerField[int, int]":
    return models.IntegerField(default=0, db_default=0)


class CountRow(models.Model):
    """``cohort`` empty: people of the project, whatever their cohorts.

    The keys are no constraints of the database: checking them would make a worker that sends wait
    for whoever has locked the cohort. Rows go with their cohort by a trigger.
    """

    project = models.ForeignKey(
        Project,
        on_delete=models.DO_NOTHING,
        related_name="+",
        verbose_name=_("project"),
        db_constraint=False,
        db_index=False,
    )
    cohort = models.ForeignKey(
        Cohort,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        verbose_name=_("cohort"),
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        abstract = True


class CohortCount(CountRow):
    """Active people. Those with ``_only`` stand in one state each, the furthest they reached."""

    people = _number()
    told = _number()
    switched = _number()
    verified = _number()
    granted = _number()
    drift = _number()
    failed = _number()
    not_applicable = _number()
    deferred = _number()
    blocked = _number()
    switched_only = _number()
    blocked_only = _number()
    deferred_only = _number()
    told_only = _number()
    white_glove = _number()
    without_address = _number()

    class Meta:
        verbose_name = _("count of people")
        verbose_name_plural = _("counts of people")
        indexes = [models.Index(fields=["project", "cohort"], name="count_of_cohort")]


class PairCount(models.Model):
    """Active people who are in a pilot and in a wave, so that each is counted once."""

    project = models.ForeignKey(
        Project,
        on_delete=models.DO_NOTHING,
        related_name="+",
        verbose_name=_("project"),
        db_constraint=False,
        db_index=False,
    )
    pilot = models.ForeignKey(
        Cohort,
        on_delete=models.DO_NOTHING,
        related_name="+",
        verbose_name=_("pilot"),
        db_constraint=False,
        db_index=False,
    )
    wave = models.ForeignKey(
        Cohort,
        on_delete=models.DO_NOTHING,
        related_name="+",
        verbose_name=_("wave"),
        db_constraint=False,
        db_index=False,
    )
    people = _number()
    switched = _number()
    pilot_verified = _number()
    wave_verified = _number()

    class Meta:
        verbose_name = _("count of people in two cohorts")
        verbose_name_plural = _("counts of people in two cohorts")
        indexes = [models.Index(fields=["project", "pilot", "wave"], name="count_of_pair")]


class HourCount(CountRow):
    """How many switched and were verified in one hour (UTC), as still true today.

    Without a cohort: less those who are counted with both of theirs, so the sum counts each once.
    """

    hour = models.DateTimeField(_("hour"))
    switched = _number()
    verified = _number()

    class Meta:
        verbose_name = _("count of an hour")
        verbose_name_plural = _("counts of hours")
        indexes = [
            models.Index(fields=["project", "cohort", "hour"], name="count_of_hour"),
        ]


class SeenCount(CountRow):
    """In which modes the active people of a cohort were seen, and how their change of mode stands.

    ``is_seen`` False: in no report yet.
    """

    observed_mode = models.CharField(max_length=80)
    mode_state = models.CharField(max_length=16)
    is_seen = models.BooleanField()
    people = _number()

    class Meta:
        verbose_name = _("count of modes")
        verbose_name_plural = _("counts of modes")
        indexes = [models.Index(fields=["project", "cohort"], name="count_of_seen")]
