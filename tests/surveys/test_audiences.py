"""Who gets a survey's mails, and the personal values in them."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from cohorts.enums import ParticipantStatus
from cohorts.models import Cohort, Membership
from common import links
from communications import audiences
from communications.models import Occurrence
from surveys.models import Survey
from tests.factories.cohorts import CohortFactory
from tests.factories.communications import OccurrenceFactory
from tests.factories.surveys import (
    CLOSES_AT,
    OPENED_AT,
    add_people,
    answer,
    invite,
    open_survey_row,
    survey_messages,
)

AT = OPENED_AT + timedelta(days=3)


@pytest.fixture
def reminder(survey: Survey) -> Occurrence:
    survey_messages(survey.cohort)
    return occurrence(survey.cohort, "feedback-reminder")


def occurrence(cohort: Cohort, key: str) -> Occurrence:
    return OccurrenceFactory(message=cohort.project.messages.get(key=key), cohort=cohort)


def to_remind(reminder: Occurrence, at=AT) -> set[int]:
    people = audiences.get("survey_unanswered").people(reminder, at)
    return set(people.values_list("pk", flat=True))


def test_reminder_goes_to_the_invited_who_have_not_answered(
    survey: Survey, reminder: Occurrence
) -> None:
    waiting, answered, left, moved = invite(survey, 4)
    answer(answered)
    left.participant.status = ParticipantStatus.LEFT
    left.participant.save()
    Membership.objects.filter(participant=moved.participant).delete()
    add_people(survey.cohort, 1)  # joined, but was never invited
    other = open_survey_row(CohortFactory(project=survey.project))
    invite(other)
    assert to_remind(reminder) == {waiting.participant_id}


def test_reminder_goes_to_nobody_once_the_survey_is_over(
    survey: Survey, reminder: Occurrence
) -> None:
    invite(survey)
    assert len(to_remind(reminder, CLOSES_AT - timedelta(seconds=1))) == 1
    assert to_remind(reminder, CLOSES_AT) == set()


def test_reminder_of_a_survey_that_is_not_there_goes_to_nobody(reminder: Occurrence) -> None:
    invite(Survey.objects.get())
    reminder.message.audience_params = {"survey": "another"}
    assert to_remind(reminder) == set()


def test_invitation_goes_to_the_active_people_of_the_cohort(survey: Survey) -> None:
    survey_messages(survey.cohort)
    one, left = add_people(survey.cohort, 2)
    left.status = ParticipantStatus.LEFT
    left.save()
    add_people(CohortFactory(project=survey.project), 1)
    people = audiences.get("survey_invited").people(occurrence(survey.cohort, "ask"), AT)
    assert list(people) == [one]


def test_values_hold_each_persons_own_link(
    survey: Survey, reminder: Occurrence, settings: Settings
) -> None:
    settings.SITE_URL = "https://upgrade.example"
    one, two = invite(survey, 2)
    pks = [one.participant_id, two.participant_id]
    values = audiences.get("survey_unanswered").values(reminder, pks)
    assert values == {
        invitation.participant_id: {
            "survey_link": "https://upgrade.example/s/"
            + links.token("survey", invitation.public_id, 1)
            + "/",
            "survey_closes": "Tuesday 22 June 2038, 23:59 (Europe/Berlin)",
        }
        for invitation in (one, two)
    }


@pytest.mark.parametrize("people", [1, 3])
def test_values_take_two_queries_whatever_the_number(
    survey: Survey,
    reminder: Occurrence,
    people: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    pks = [invitation.participant_id for invitation in invite(survey, people)]
    with django_assert_num_queries(2):
        assert len(audiences.get("survey_unanswered").values(reminder, pks)) == people


def test_sample_values_hold_no_live_link(survey: Survey, reminder: Occurrence) -> None:
    (one,) = invite(survey)
    sample = audiences.get("survey_unanswered").sample_values(reminder, one.participant_id)
    assert dict(sample) == {
        "survey_link": "http://127.0.0.1:8000"
        f"/projects/{survey.project.slug}/surveys/{survey.pk}/preview/",
        "survey_closes": "Tuesday 22 June 2038, 23:59 (Europe/Berlin)",
    }
