"""Cohorts with their people, told, answered and switched. Four queries, whatever the size."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, F, Q

from cohorts.enums import ParticipantStatus
from cohorts.models import Cohort, Membership
from communications.enums import DeliveryState
from communications.models import Delivery
from projects.models import Project
from surveys.queries.numbers import answered_by_cohort


@dataclass(frozen=True, slots=True)
class CohortFigures:
    """Numbers of active people. ``told``: at least one of the cohort's mails was sent to them."""

    cohort: Cohort
    people: int
    told: int
    switched: int
    answered: int

    @property
    def planned_only(self) -> int:
        return self.people - self.told_only - self.switched

    @property
    def told_only(self) -> int:
        """Told and not switched, so that planned, told and switched add up to the people."""
        return min(self.told, self.people - self.switched)


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
            told=told.get(cohort.pk, 0),
            answered=answered[cohort.pk].answered if cohort.pk in answered else 0,
        )
        for cohort in Cohort.objects.filter(project=project)
    )


def _members(project: Project) -> Mapping[int, tuple[int, int]]:
    rows = (
        Membership.objects.filter(
            cohort__project=project, participant__status=ParticipantStatus.ACTIVE
        )
        .values("cohort_id")
        .annotate(people=Count("pk"), switched=Count("pk", filter=Q(switched_at__isnull=False)))
    )
    return {row["cohort_id"]: (row["people"], row["switched"]) for row in rows}


def _told(project: Project) -> Mapping[int, int]:
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
        .annotate(told=Count("participant", distinct=True))
    )
    return {row["occurrence__cohort"]: row["told"] for row in rows}
