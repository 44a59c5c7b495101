"""Surveys made from a playbook, and the command that opens one."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from cohorts.models import Cohort
from communications.models import Message
from communications.services.playbook_messages import create_messages
from playbooks.library import get_playbook, list_playbooks
from playbooks.schema import Playbook
from projects.models import Project
from surveys.enums import SurveyStatus
from surveys.models import Question, Survey
from surveys.services.surveys import (
    audience_overrides,
    create_surveys,
    recompute_surveys,
)
from tests.factories.cohorts import CohortFactory
from tests.factories.surveys import (
    CLOSES_AT,
    OPENED_AT,
    add_people,
    draft_survey,
    survey_messages,
)


@pytest.fixture(params=["teams-upgrade", "windows-refresh"])
def playbook(request: pytest.FixtureRequest) -> Playbook:
    return get_playbook(request.param)


def made(project: Project, playbook: Playbook, manager: User) -> list[Survey]:
    cohorts = [
        CohortFactory(project=project, kind="pilot", name="Pilot", switch_on=date(2038, 3, 1)),
        CohortFactory(project=project, name="Wave 1", switch_on=date(2038, 6, 1)),
        CohortFactory(project=project, name="Wave 2", switch_on=date(2038, 6, 15)),
    ]
    create_messages(
        project=project,
        playbook=playbook,
        audience_overrides=audience_overrides(playbook),
        acting_user=manager,
    )
    return create_surveys(project=project, playbook=playbook, cohorts=cohorts, acting_user=manager)


def test_every_cohort_gets_the_surveys_of_its_kind(
    project: Project, manager: User, playbook: Playbook
) -> None:
    surveys = made(project, playbook, manager)
    expected = [
        (template.key, name)
        for template in playbook.surveys
        for name in {"pilot": ["Pilot"], "wave": ["Wave 1", "Wave 2"]}[template.cohort_kind]
    ]
    assert [(survey.key, survey.cohort.name) for survey in surveys] == expected
    assert {survey.status for survey in surveys} == {SurveyStatus.DRAFT}
    asked = Question.objects.filter(survey=surveys[0]).values_list("key", "kind", "is_required")
    first = playbook.surveys[0]
    assert list(asked) == [(q.key, q.kind, q.required) for q in first.questions]


def test_surveys_are_planned_from_their_cohorts_date(project: Project, manager: User) -> None:
    surveys = made(project, get_playbook("teams-upgrade"), manager)
    assert [(survey.key, survey.cohort.name, survey.opens_on) for survey in surveys] == [
        ("pilot-feedback", "Pilot", date(2038, 3, 31)),
        ("post-upgrade", "Wave 1", date(2038, 6, 8)),
        ("post-upgrade", "Wave 2", date(2038, 6, 22)),
    ]
    assert [survey.reminder_days for survey in surveys] == [[3, 7]] * 3


def test_invitation_and_reminder_ask_the_survey_for_their_people(
    project: Project, manager: User, playbook: Playbook
) -> None:
    made(project, playbook, manager)
    for template in playbook.surveys:
        invitation = Message.objects.get(project=project, key=template.invitation_message)
        reminder = Message.objects.get(project=project, key=f"{template.key}-reminder")
        params = {"survey": template.key}
        assert (invitation.audience_kind, invitation.audience_params) == ("survey_invited", params)
        assert (reminder.audience_kind, reminder.audience_params) == ("survey_unanswered", params)
        assert reminder.sender == invitation.sender


def test_cohort_added_later_gets_its_survey_and_no_second_reminder(
    project: Project, manager: User
) -> None:
    playbook = get_playbook("teams-upgrade")
    made(project, playbook, manager)
    messages = Message.objects.count()
    late = CohortFactory(
        project=project, name="Wave 3", switch_on=date(2038, 6, 29), ends_on=date(2038, 7, 13)
    )
    surveys = create_surveys(
        project=project, playbook=playbook, cohorts=[late], acting_user=manager
    )
    assert [(survey.key, survey.opens_on) for survey in surveys] == [
        ("post-upgrade", date(2038, 7, 6))
    ]
    assert Message.objects.count() == messages


def test_drafts_follow_their_cohort_and_open_surveys_stay(project: Project, manager: User) -> None:
    surveys = made(project, get_playbook("teams-upgrade"), manager)
    Survey.objects.filter(pk=surveys[1].pk).update(
        status=SurveyStatus.OPEN, opened_at=OPENED_AT, closes_at=CLOSES_AT
    )
    assert recompute_surveys(project=project, acting_user=manager) == 0
    Cohort.objects.filter(kind="wave").update(switch_on=date(2038, 7, 1), ends_on=date(2038, 7, 15))
    assert recompute_surveys(project=project, acting_user=manager) == 1
    assert recompute_surveys(project=project, acting_user=manager) == 0
    assert [Survey.objects.get(pk=survey.pk).opens_on for survey in surveys] == [
        date(2038, 3, 31),
        date(2038, 6, 8),
        date(2038, 7, 8),
    ]


def test_every_playbook_can_be_asked() -> None:
    assert {"teams-upgrade", "windows-refresh"} <= set(list_playbooks())


# ---- the command


@pytest.fixture
def draft(project: Project) -> Survey:
    cohort = CohortFactory(project=project, name="Wave 1")
    survey_messages(cohort)
    add_people(cohort, 2)
    return draft_survey(cohort)


def run(survey: Survey, *more: str, **changed: str) -> str:
    named = {
        "slug": survey.project.slug,
        "key": survey.key,
        "cohort": "Wave 1",
        "email": survey.project.created_by.email,
        **changed,
    }
    out = StringIO()
    call_command(
        "open_survey",
        named["slug"],
        named["key"],
        f"--cohort={named['cohort']}",
        f"--as={named['email']}",
        *more,
        stdout=out,
    )
    return out.getvalue()


def test_command_opens_and_prints_the_result_alone(draft: Survey, noon: object) -> None:
    assert json.loads(run(draft, "--json")) == {
        "key": "feedback",
        "cohort": "Wave 1",
        "status": "open",
        "invited": 2,
        "closes_at": "2038-06-24T21:59:00Z",
    }
    assert Survey.objects.get().status == SurveyStatus.OPEN


def test_command_says_it_in_words(draft: Survey) -> None:
    assert run(draft).endswith("2 people are invited.\n")


@pytest.mark.parametrize(
    "changed",
    [
        {"slug": "nothing"},
        {"key": "nothing"},
        {"key": "a\0b"},
        {"cohort": "Wave 9"},
        {"email": "nobody@example.com"},
    ],
)
def test_command_refuses_what_it_does_not_know(draft: Survey, changed: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        run(draft, **changed)
    assert Survey.objects.get().status == SurveyStatus.DRAFT


def test_command_refuses_who_is_no_manager(draft: Survey, viewer: User) -> None:
    with pytest.raises(CommandError, match="is not a manager of this project"):
        run(draft, email=viewer.email)
    assert Survey.objects.get().status == SurveyStatus.DRAFT


def test_command_refuses_a_second_opening(draft: Survey) -> None:
    run(draft)
    with pytest.raises(CommandError):
        run(draft)
