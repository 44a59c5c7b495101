"""Reads for the cohort list: every cohort with its people, in one query."""

from dataclasses import dataclass

from django.db.models import Count, Q

from cohorts.enums import ParticipantStatus
from cohorts.models import Cohort, Participant
from projects.models import Project

ACTIVE = Q(memberships__participant__status=ParticipantStatus.ACTIVE)


@dataclass(frozen=True, slots=True)
class CohortRow:
    """Active people only: whoever left is counted nowhere. ``switched <= people``."""

    cohort: Cohort
    people: int
    switched: int


def cohort_rows(project: Project) -> tuple[CohortRow, ...]:
    """All cohorts of ``project`` by position, also those without people. One GROUP BY."""
    cohorts = project.cohorts.annotate(
        people=Count("memberships", filter=ACTIVE),
        switched=Count("memberships", filter=ACTIVE & Q(memberships__switched_at__isnull=False)),
    )
    # Said aloud, because Django drops a model's own ordering from a GROUP BY.
    cohorts = cohorts.order_by("position", "pk")
    return tuple(CohortRow(cohort, cohort.people, cohort.switched) for cohort in cohorts)


def people_without_cohort(project: Project) -> int:
    """How many active people are in no cohort yet: nobody tells them anything."""
    return Participant.objects.filter(project=project, memberships=None).active().count()
