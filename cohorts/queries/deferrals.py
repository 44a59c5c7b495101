"""Deferrals: a person's own, a project's list, and how many people of each cohort are deferred.

The list is key-set paged and takes a fixed number of statements, whatever its size.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Q, QuerySet, When

from cohorts.booking import can_return
from cohorts.enums import CohortStatus, DeferralStatus, ParticipantStatus
from cohorts.models import Cohort, Deferral, Membership, Participant
from projects.models import Project

PAGE = 50


@dataclass(frozen=True, slots=True)
class DeferralFilter:
    """``status`` and ``cohort`` (the one asked to leave) narrow the list; empty means all."""

    status: str = ""
    cohort: Cohort | None = None


@dataclass(frozen=True, slots=True)
class DeferralPage:
    """``after`` is the id for the next page's address, None at the end."""

    rows: tuple[Deferral, ...]
    waiting: int
    after: int | None


def deferrals_of(project: Project) -> "QuerySet[Deferral]":
    """All of the project, also of people who have left, with what a row shows."""
    rows = Deferral.objects.filter(from_cohort__project=project)
    return rows.select_related("participant", "from_cohort", "to_cohort", "asked_by", "decided_by")


def deferral_page(
    project: Project, wanted: DeferralFilter, *, after: int | None = None
) -> DeferralPage:
    """Fifty deferrals: those that wait for a decision first, each group with the latest on top."""
    rows = Deferral.objects.filter(from_cohort__project=project)
    if wanted.status:
        rows = rows.filter(status=wanted.status)
    if wanted.cohort is not None:
        rows = rows.filter(from_cohort=wanted.cohort)
    if after is not None:
        rows = rows.filter(_behind(project, after))
    first = Case(When(status=DeferralStatus.ASKED, then=0), default=1)
    # The ids first: names are looked up for a page and not for all rows that are put in order.
    ids = rows.order_by(first, "-pk").values("pk")[: PAGE + 1]
    found = list(deferrals_of(project).filter(pk__in=ids).order_by(first, "-pk"))
    shown = found[:PAGE]
    return DeferralPage(
        tuple(shown), open_deferrals(project), shown[-1].pk if len(found) > PAGE else None
    )


def _behind(project: Project, pk: int) -> Q:
    """What comes after this row, in the order of the list."""
    row = deferrals_of(project).filter(pk=pk).first()
    decided = ~Q(status=DeferralStatus.ASKED)
    if row is not None and row.status != DeferralStatus.ASKED:
        return decided & Q(pk__lt=pk)
    return decided | Q(pk__lt=pk)


def open_deferrals(project: Project, most: int | None = None) -> int:
    """How many wait for a decision, counted up to ``most``. Of people who have left nobody needs to
    decide."""
    return _open(project)[:most].count()


def _open(project: Project) -> "QuerySet[Deferral]":
    return Deferral.objects.filter(
        from_cohort__project=project,
        status=DeferralStatus.ASKED,
        participant__status=ParticipantStatus.ACTIVE,
    )


def membership_ahead(participant: Participant) -> Membership | None:
    """The next switch of this person: of a planned cohort they have not switched with."""
    rows = participant.memberships.filter(switched_at=None, cohort__status=CohortStatus.PLANNED)
    return (
        rows.select_related("cohort").order_by("cohort__switch_on", "cohort__switch_time", "pk")
    ).first()


def open_deferral(participant: Participant) -> Deferral | None:
    """The one that waits for a decision."""
    rows = participant.deferrals.filter(status=DeferralStatus.ASKED)
    return rows.select_related("from_cohort", "to_cohort").first()


def return_cohorts(left: Cohort, at: datetime) -> list[Cohort]:
    """Cohorts that can take somebody deferred from ``left``, the next one first."""
    rows = Cohort.objects.filter(
        project=left.project_id, kind=left.kind, status=CohortStatus.PLANNED
    )
    ahead = [cohort for cohort in rows if can_return(cohort, left, None, at)]
    return sorted(ahead, key=lambda cohort: (cohort.switch_on, cohort.switch_time, cohort.pk))
