"""Lifecycles of cohorts and their people."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CohortKind(TextChoices):
    PILOT = "pilot", _("pilot")
    WAVE = "wave", _("wave")


class CohortStatus(TextChoices):
    PLANNED = "planned", _("planned")
    SWITCHED = "switched", _("switched")
    FINISHED = "finished", _("finished")
    CANCELLED = "cancelled", _("cancelled")


COHORT_TRANSITIONS: dict[str, set[str]] = {
    CohortStatus.PLANNED: {CohortStatus.SWITCHED, CohortStatus.CANCELLED},
    CohortStatus.SWITCHED: {CohortStatus.FINISHED, CohortStatus.PLANNED},
    CohortStatus.FINISHED: {CohortStatus.SWITCHED},
    CohortStatus.CANCELLED: {CohortStatus.PLANNED},
}


class ParticipantStatus(TextChoices):
    ACTIVE = "active", _("active")
    LEFT = "left", _("left")


PARTICIPANT_TRANSITIONS: dict[str, set[str]] = {
    ParticipantStatus.ACTIVE: {ParticipantStatus.LEFT},
    ParticipantStatus.LEFT: {ParticipantStatus.ACTIVE},
}
