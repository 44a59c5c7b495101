"""Surveys of one question of each kind, open in June 2038 unless said otherwise."""

from datetime import UTC, datetime
from typing import Any

import factory

from cohorts.models import Cohort
from surveys.enums import QuestionKind, SurveyStatus
from surveys.models import Invitation, Question, Response, Survey
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.communications import MessageFactory

OPENED_AT = datetime(2038, 6, 8, 7, tzinfo=UTC)
CLOSES_AT = datetime(2038, 6, 22, 21, 59, tzinfo=UTC)
QUESTIONS = (
    ("work", QuestionKind.AGREE, "It works as well as before.", True, ()),
    ("skill", QuestionKind.SINGLE, "How well do you manage?", False, ("well", "badly")),
    ("blockers", QuestionKind.MULTI, "What is in your way?", False, ("time", "training")),
    ("recommend", QuestionKind.NPS, "Would you recommend it?", False, ()),
    ("words", QuestionKind.TEXT, "Anything else?", False, ()),
)
ANSWERS: dict[str, Any] = {
    "work": 4,
    "skill": "well",
    "blockers": ["time"],
    "recommend": 9,
    "words": "Good.",
}
# The same as a browser sends it.
POSTED = {
    "q-work": "4",
    "q-skill": "well",
    "q-blockers": ["time"],
    "q-recommend": "9",
    "q-words": "Good.",
}


class SurveyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Survey

    cohort = factory.SubFactory(CohortFactory)
    project = factory.SelfAttribute("cohort.project")
    key = "feedback"
    title = "How is it going?"
    intro = "Five questions."
    thanks = "You helped us."
    invitation_message = "ask"
    open_days = 14
    reminder_days = factory.LazyFunction(lambda: [3, 7])
    status = SurveyStatus.OPEN
    opened_at = OPENED_AT
    closes_at = CLOSES_AT


class InvitationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Invitation

    survey = factory.SubFactory(SurveyFactory)
    participant = factory.SubFactory(
        ParticipantFactory, project=factory.SelfAttribute("..survey.project")
    )


def add_questions(survey: Survey) -> Survey:
    for position, (key, kind, text, required, choices) in enumerate(QUESTIONS):
        Question.objects.create(
            survey=survey,
            key=key,
            position=position,
            kind=kind,
            text=text,
            is_required=required,
            choices=[{"key": choice, "text": choice.title()} for choice in choices],
        )
    return survey


def draft_survey(cohort: Cohort, **more: Any) -> Survey:
    return add_questions(
        SurveyFactory(
            cohort=cohort, status=SurveyStatus.DRAFT, opened_at=None, closes_at=None, **more
        )
    )


def open_survey_row(cohort: Cohort, **more: Any) -> Survey:
    return add_questions(SurveyFactory(cohort=cohort, **more))


def survey_messages(cohort: Cohort, key: str = "feedback") -> None:
    """The invitation and the reminder, as creating a project makes them."""
    common = {"project": cohort.project, "cohort_kind": cohort.kind, "anchor": "survey_open"}
    params = {"survey": key}
    body = "Hello {person_name}, [answer]({survey_link}) until {survey_closes}."
    MessageFactory(
        key="ask", audience_kind="survey_invited", audience_params=params, body=body, **common
    )
    MessageFactory(
        key=f"{key}-reminder",
        audience_kind="survey_unanswered",
        audience_params=params,
        body=body,
        **common,
    )


def add_people(cohort: Cohort, count: int) -> list[Any]:
    return [MembershipFactory(cohort=cohort).participant for _ in range(count)]


def invite(survey: Survey, count: int = 1) -> list[Invitation]:
    """New people of the cohort, invited."""
    return [
        InvitationFactory(survey=survey, participant=person)
        for person in add_people(survey.cohort, count)
    ]


def answer(invitation: Invitation, answers: dict[str, Any] | None = None) -> Response:
    """An answer as if it had come in, without the service."""
    survey = invitation.survey
    invitation.answered_at = OPENED_AT
    invitation.save(update_fields=["answered_at"])
    return Response.objects.create(
        survey=survey,
        is_anonymous=survey.is_anonymous,
        invitation=None if survey.is_anonymous else invitation,
        answers=ANSWERS if answers is None else answers,
        submitted_at=OPENED_AT,
    )
