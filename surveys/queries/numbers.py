"""Numbers of a project's surveys for lists, reports and the home page. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from django.db.models import OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from cohorts.enums import CohortStatus
from cohorts.models import CohortCount
from common.dates import local_day
from projects.models import Project
from surveys.enums import SurveyStatus
from surveys.models import Survey, SurveyCount

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
    return (
        Survey.objects.filter(project=project)
        .select_related("cohort")
        .annotate(
            invited=_kept(SurveyCount.objects.filter(survey=OuterRef("pk")), "invited"),
            answered=_kept(SurveyCount.objects.filter(survey=OuterRef("pk")), "answered"),
            to_ask=_kept(
                CohortCount.objects.filter(project=OuterRef("project"), cohort=OuterRef("cohort")),
                "people",
            ),
        )
    )


def _kept(rows: "QuerySet[Any]", name: str) -> Coalesce:
    """The sum of figures that the database keeps; nobody is counted."""
    one = rows.order_by().annotate(only=Value(1)).values("only")
    return Coalesce(Subquery(one.annotate(total=Sum(name)).values("total")), 0)


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
        SurveyCount.objects.filter(survey__project=project)
        .order_by()
        .values_list("survey__cohort")
        .annotate(n=Sum("invited"), done=Sum("answered"))
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
