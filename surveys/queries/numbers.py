"""Numbers of a project's surveys for lists, reports and the home page. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cohorts.enums import CohortStatus, ParticipantStatus
from cohorts.models import Membership
from common.dates import local_day
from projects.models import Project
from surveys.enums import SurveyStatus
from surveys.models import Invitation, Survey

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Counts(TypedDict):
    invited: int
    answered: int
    to_ask: int


CountedSurvey: TypeAlias = "WithAnnotations[Survey, Counts]"


def surveys_with_counts(project: Project) -> "QuerySet[CountedSurvey]":
    """All surveys of the project with ``invited``, ``answered`` and ``to_ask`` (the cohort's
    active people), in the order of cohorts; one query."""
    members = (
        Membership.objects.filter(
            cohort=OuterRef("cohort"), participant__status=ParticipantStatus.ACTIVE
        )
        .order_by()
        .values("cohort")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return (
        Survey.objects.filter(project=project)
        .select_related("cohort")
        .annotate(
            invited=_counted(Q()),
            answered=_counted(Q(answered_at__isnull=False)),
            to_ask=Coalesce(Subquery(members), 0),
        )
    )


def _counted(condition: Q) -> Coalesce:
    rows = (
        Invitation.objects.filter(condition, survey=OuterRef("pk"))
        .order_by()
        .values("survey")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Coalesce(Subquery(rows), 0)


def find_survey(project: Project, key: str, cohort_name: str) -> Survey | None:
    """The survey with this key asked of the cohort with this name."""
    surveys = Survey.objects.filter(project=project, key=key, cohort__name=cohort_name)
    return surveys.select_related("cohort", "project").first()


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """One survey in one cohort as ``project_report`` prints it."""

    key: str
    cohort: str
    status: str
    invited: int
    answered: int


def survey_rows(project: Project) -> list[SurveyRow]:
    """Every survey for every cohort, with zeros before it opens; one query."""
    return [
        SurveyRow(
            key=survey.key,
            cohort=survey.cohort.name,
            status=survey.status,
            invited=survey.invited,
            answered=survey.answered,
        )
        for survey in surveys_with_counts(project)
    ]


@dataclass(frozen=True, slots=True)
class AnsweredCount:
    invited: int
    answered: int


def answered_by_cohort(project: Project) -> dict[int, AnsweredCount]:
    """{cohort id: invitations and answers over all its surveys}; one query."""
    rows = (
        Invitation.objects.filter(survey__project=project)
        .order_by()
        .values_list("survey__cohort")
        .annotate(n=Count("pk"), done=Count("answered_at"))
    )
    return {cohort: AnsweredCount(invited=n, answered=done) for cohort, n, done in rows}


def surveys_due(project: Project, at: datetime) -> list[Survey]:
    """Surveys whose planned day has come in the cohort's zone and that nobody has opened yet."""
    waiting = (
        Survey.objects.filter(project=project, status=SurveyStatus.DRAFT, opens_on__isnull=False)
        .exclude(cohort__status=CohortStatus.CANCELLED)
        .select_related("cohort")
        .order_by("opens_on", "pk")
    )
    return [
        s
        for s in waiting
        if s.opens_on is not None and s.opens_on <= local_day(at, s.cohort.timezone)
    ]
