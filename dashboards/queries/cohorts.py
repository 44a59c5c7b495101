"""Cohorts with their people, told, answered and switched. Four queries, whatever the size.

And the people of the whole project, each counted once: who is in the pilot may be in a wave too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q

from cohorts.enums import ParticipantStatus
from cohorts.models import Cohort, Membership, Participant
from communications.enums import DeliveryState
from communications.models import Delivery
from projects.models import Project
from surveys.queries.numbers import answered_by_cohort


@dataclass(frozen=True, slots=True)
class CohortFigures:
    """Numbers of active people. ``told``: at least one of the cohort's mails was sent to them.

    ``told_only`` are told and not switched: planned, told and switched add up to the people.
    """

    cohort: Cohort
    people: int
    told: int
    told_only: int
    switched: int
    answered: int

    @property
    def planned_only(self) -> int:
        return self.people - self.told_only - self.switched


@dataclass(frozen=True, slots=True)
class PeopleFigures:
    """Active people of the project, and those of them who have switched in any cohort."""

    people: int
    switched: int


def cohort_figures(project: Project) -> tuple[CohortFigures, ...]:
    """Every cohort of the project in its order."""
    members = _members(project)
    told = _told(project)
    answered = answered_by_cohort(project)
    return tuple(
        CohortFigures(
            cohort=cohort,
            people=members.get(cohort.pk, (0, 0))[0],
            switched=members.get(cohort.pk, (0, 0))[1],
            told=told.get(cohort.pk, (0, 0))[0],
            told_only=told.get(cohort.pk, (0, 0))[1],
            answered=answered[cohort.pk].answered if cohort.pk in answered else 0,
        )
        for cohort in Cohort.objects.filter(project=project)
    )


def people_figures(project: Project) -> PeopleFigures:
    """One query."""
    switched = Membership.objects.filter(participant=OuterRef("pk"), switched_at__isnull=False)
    counts = (
        Participant.objects.active()
        .filter(project=project)
        .aggregate(people=Count("pk"), switched=Count("pk", filter=Q(Exists(switched))))
    )
    return PeopleFigures(people=counts["people"], switched=counts["switched"])


def _members(project: Project) -> Mapping[int, tuple[int, int]]:
    rows = (
        Membership.objects.filter(
            cohort__project=project, participant__status=ParticipantStatus.ACTIVE
        )
        .values("cohort_id")
        .annotate(people=Count("pk"), switched=Count("pk", filter=Q(switched_at__isnull=False)))
    )
    return {row["cohort_id"]: (row["people"], row["switched"]) for row in rows}


def _told(project: Project) -> Mapping[int, tuple[int, int]]:
    """{cohort: (told, told and not switched)}."""
    waiting = Q(participant__memberships__switched_at__isnull=True)
    rows = (
        Delivery.objects.filter(
            occurrence__project=project,
            occurrence__cohort__isnull=False,
            state=DeliveryState.SENT,
            participant__status=ParticipantStatus.ACTIVE,
            # Who moved to another cohort since was told a date that no longer holds.
            participant__memberships__cohort=F("occurrence__cohort"),
        )
        .values("occurrence__cohort")
        .annotate(
            told=Count("participant", distinct=True),
            told_only=Count("participant", distinct=True, filter=waiting),
        )
    )
    return {row["occurrence__cohort"]: (row["told"], row["told_only"]) for row in rows}
