"""Cohorts with their people, told, answered and switched. Four queries, whatever the size.

And the people of the whole project, each counted once: who is in the pilot may be in a wave too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from cohorts.enums import ModeState, ParticipantStatus
from cohorts.models import Cohort, Membership, Participant
from communications.enums import DeliveryState
from communications.models import Delivery
from projects.models import Project
from surveys.queries.numbers import answered_by_cohort

NOBODY = (0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class CohortFigures:
    """Numbers of active people. ``told``: at least one of the cohort's mails was sent to them.

    ``verified`` are seen in the cohort's mode, ``switched_only`` switched and not seen there yet,
    ``told_only`` told and neither: with ``planned_only`` they add up to the people.
    """

    cohort: Cohort
    people: int
    told: int
    told_only: int
    switched: int
    switched_only: int
    verified: int
    drift: int
    answered: int

    @property
    def planned_only(self) -> int:
        return self.people - self.told_only - self.switched_only - self.verified


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
            people=members.get(cohort.pk, NOBODY)[0],
            switched=members.get(cohort.pk, NOBODY)[1],
            switched_only=members.get(cohort.pk, NOBODY)[2],
            verified=members.get(cohort.pk, NOBODY)[3],
            drift=members.get(cohort.pk, NOBODY)[4],
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


def _members(project: Project) -> Mapping[int, tuple[int, int, int, int, int]]:
    """{cohort: (people, switched, switched and not verified, verified, in drift)}."""
    switched, verified = Q(switched_at__isnull=False), Q(mode_state=ModeState.VERIFIED)
    rows = (
        Membership.objects.filter(
            cohort__project=project, participant__status=ParticipantStatus.ACTIVE
        )
        .values("cohort_id")
        .annotate(
            people=Count("pk"),
            switched=Count("pk", filter=switched),
            switched_only=Count("pk", filter=switched & ~verified),
            verified=Count("pk", filter=verified),
            drift=Count("pk", filter=Q(mode_state=ModeState.DRIFT)),
        )
        .values_list("cohort_id", "people", "switched", "switched_only", "verified", "drift")
    )
    return {row[0]: row[1:] for row in rows}


def _told(project: Project) -> Mapping[int, tuple[int, int]]:
    """{cohort: (told, told and neither switched nor verified)}.

    Asked from the members, with one look at each person's own mails: a join of mails and members
    took minutes for 1,000 people while the planner had no figures yet, as right after an import.
    Who moved to another cohort since was told a date that no longer holds.
    """
    sent = Delivery.objects.filter(
        participant=OuterRef("participant"),
        occurrence__cohort=OuterRef("cohort"),
        state=DeliveryState.SENT,
    )
    rows = (
        Membership.objects.filter(
            Exists(sent), cohort__project=project, participant__status=ParticipantStatus.ACTIVE
        )
        .values("cohort_id")
        .annotate(
            told=Count("pk"),
            told_only=Count(
                "pk", filter=Q(switched_at__isnull=True) & ~Q(mode_state=ModeState.VERIFIED)
            ),
        )
        .values_list("cohort_id", "told", "told_only")
    )
    return {cohort: (told, told_only) for cohort, told, told_only in rows}
