"""What answers measure, over all cohorts of a project."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from projects import metrics
from projects.metrics import Reading
from projects.models import Project
from surveys.models import Survey
from surveys.queries.numbers import (
    AnsweredCount,
    SurveyRow,
    answered_by_cohort,
    survey_rows,
    surveys_due,
)
from tests.factories.cohorts import CohortFactory
from tests.factories.surveys import answer, draft_survey, invite, open_survey_row

AT = datetime(2038, 6, 10, 12, tzinfo=UTC)
AGREE = {"survey": "feedback", "question": "work"}
NPS = {"survey": "feedback", "question": "recommend"}


def read(key: str, project: Project, params: dict[str, object]) -> Reading | None:
    metric = metrics.get(key)
    assert metric is not None
    return metric.read(project, params, AT)


def test_nothing_is_measured_without_answers(survey: Survey) -> None:
    project = survey.project
    assert read("survey_agree", project, AGREE) is None
    assert read("survey_nps", project, NPS) is None
    assert read("survey_response_rate", project, {"survey": "feedback"}) is None
    assert read("survey_agree", project, {}) is None


def test_figures_are_over_all_cohorts_of_the_project(survey: Survey) -> None:
    project = survey.project
    other = open_survey_row(CohortFactory(project=project))
    foreign = open_survey_row(CohortFactory())
    one, two = invite(survey, 2)
    answer(one, {"work": 5, "recommend": 10})
    answer(two, {"work": "na", "recommend": 8})
    answer(invite(other, 2)[0], {"work": 2, "recommend": 0})
    answer(invite(foreign)[0], {"work": 1, "recommend": 0})
    assert read("survey_agree", project, AGREE) == Reading(Decimal("50.00"), 2)
    assert read("survey_nps", project, NPS) == Reading(Decimal("0.00"), 3)
    rate = read("survey_response_rate", project, {"survey": "feedback"})
    assert rate == Reading(Decimal("75.00"), 4)


def test_several_questions_count_together(survey: Survey) -> None:
    # A second agree question, so that two are measured as one figure.
    survey.questions.filter(key="recommend").update(kind="agree", key="help")
    one, two = invite(survey, 2)
    answer(one, {"work": 5, "help": 1})
    answer(two, {"work": 4})
    params = {"survey": "feedback", "questions": ["work", "help"]}
    assert read("survey_agree", survey.project, params) == Reading(Decimal("66.67"), 3)


@pytest.mark.parametrize(("people", "measured"), [(4, None), (5, Reading(Decimal("100.00"), 5))])
def test_few_anonymous_answers_measure_nothing(
    survey: Survey, people: int, measured: Reading | None
) -> None:
    Survey.objects.update(is_anonymous=True)
    for invitation in invite(Survey.objects.get(), people):
        answer(invitation)
    assert read("survey_agree", survey.project, AGREE) == measured
    assert read("survey_response_rate", survey.project, {"survey": "feedback"}) == Reading(
        Decimal("100.00"), people
    )


# ---- numbers for lists and reports


def test_rows_hold_every_survey_with_zeros(survey: Survey) -> None:
    project = survey.project
    draft = draft_survey(CohortFactory(project=project, name="Wave 2", position=990))
    survey.cohort.position = 1
    survey.cohort.save()
    answer(invite(survey, 3)[0])
    open_survey_row(CohortFactory())
    assert survey_rows(project) == [
        SurveyRow(key="feedback", cohort="Wave 1", status="open", invited=3, answered=1),
        SurveyRow(key="feedback", cohort="Wave 2", status="draft", invited=0, answered=0),
    ]
    assert answered_by_cohort(project) == {survey.cohort_id: AnsweredCount(invited=3, answered=1)}
    assert draft.cohort_id not in answered_by_cohort(project)


@pytest.mark.parametrize("number", [1, 3])
def test_rows_take_one_query(
    project: Project, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        invite(open_survey_row(CohortFactory(project=project)), number)
    with django_assert_num_queries(1):
        assert [row.invited for row in survey_rows(project)] == [number] * number


def test_survey_is_due_from_its_planned_day_in_the_cohorts_zone(project: Project) -> None:
    survey = draft_survey(CohortFactory(project=project, timezone="Asia/Tokyo"), opens_on=AT.date())
    open_survey_row(CohortFactory(project=project), opens_on=AT.date())
    draft_survey(CohortFactory(project=project, status="cancelled"), opens_on=AT.date())
    draft_survey(CohortFactory(project=project))
    before = datetime(2038, 6, 9, 14, 59, tzinfo=UTC)
    assert surveys_due(project, before) == []
    assert surveys_due(project, datetime(2038, 6, 9, 15, tzinfo=UTC)) == [survey]
