"""Cohorts with the people in them, and the people of a project: one query each."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cohorts.enums import CohortKind, ModeState, ParticipantStatus
from cohorts.models import Cohort, Membership, Participant
from projects.models import Project

ACTIVE = Q(memberships__participant__status=ParticipantStatus.ACTIVE)
SWITCHED = ACTIVE & Q(memberships__switched_at__isnull=False)
VERIFIED = Q(memberships__mode_state=ModeState.VERIFIED)


@dataclass(frozen=True, slots=True)
class CohortRow:
    """Active people only: whoever left is counted nowhere. ``switched <= people``.

    ``verified`` are seen in the cohort's mode, ``switched_only`` have switched and are not yet.
    """

    cohort: Cohort
    people: int
    switched: int
    switched_only: int
    verified: int
    drift: int


@dataclass(frozen=True, slots=True)
class PeopleFigures:
    """Active people of a project, and those who have switched in any cohort; each counted once,
    though who is in the pilot may be in a wave too."""

    people: int
    switched: int


def cohort_rows(project: Project) -> tuple[CohortRow, ...]:
    """All cohorts of ``project`` by position, also those without people. One GROUP BY."""
    cohorts = project.cohorts.annotate(
        people=Count("memberships", filter=ACTIVE),
        switched=Count("memberships", filter=SWITCHED),
        switched_only=Count("memberships", filter=SWITCHED & ~VERIFIED),
        verified=Count("memberships", filter=ACTIVE & VERIFIED),
        drift=Count("memberships", filter=ACTIVE & Q(memberships__mode_state=ModeState.DRIFT)),
    )
    # Said aloud, because Django drops a model's own ordering from a GROUP BY.
    cohorts = cohorts.order_by("position", "pk")
    return tuple(
        CohortRow(
            cohort=cohort,
            people=cohort.people,
            switched=cohort.switched,
            switched_only=cohort.switched_only,
            verified=cohort.verified,
            drift=cohort.drift,
        )
        for cohort in cohorts
    )


def people_figures(project: Project) -> PeopleFigures:
    switched = Membership.objects.filter(participant=OuterRef("pk"), switched_at__isnull=False)
    counts = (
        Participant.objects.active()
        .filter(project=project)
        .aggregate(people=Count("pk"), switched=Count("pk", filter=Q(Exists(switched))))
    )
    return PeopleFigures(people=counts["people"], switched=counts["switched"])


def people_without_cohort(project: Project) -> int:
    """How many active people are in no cohort yet: nobody tells them anything."""
    return Participant.objects.filter(project=project, memberships=None).active().count()


def first_wave(project: Project) -> "QuerySet[Cohort, Any]":
    """The first wave by position, to stand inside another query; nothing where there is none."""
    waves = project.cohorts.filter(kind=CohortKind.WAVE)
    return waves.order_by("position", "pk").values("pk")[:1]
