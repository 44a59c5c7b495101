"""Closing: by hand, by the clock, and what of the mails is taken back."""

from datetime import timedelta

import pytest

from accounts.models import User
from cohorts.models import Cohort
from common.exceptions import StaleState
from communications.enums import DeliveryState, OccurrenceState
from communications.models import Delivery, Occurrence
from projects.models import Event
from surveys.enums import SurveyStatus
from surveys.models import Invitation, Survey
from surveys.services.closing import close_due_surveys, close_survey, forget_drafts
from surveys.services.opening import open_survey
from surveys.tasks import close_due_surveys as task
from tests.factories.cohorts import CohortFactory
from tests.factories.communications import DeliveryFactory
from tests.factories.surveys import (
    CLOSES_AT,
    OPENED_AT,
    add_people,
    draft_survey,
    invite,
    open_survey_row,
    survey_messages,
)


@pytest.fixture
def opened(cohort: Cohort, manager: User) -> Survey:
    survey_messages(cohort)
    add_people(cohort, 1)
    return open_survey(survey=draft_survey(cohort), acting_user=manager, at=OPENED_AT)


def test_close_survey_stops_what_still_asks(opened: Survey, manager: User) -> None:
    sending = Occurrence.objects.get(message__key="ask")
    Occurrence.objects.filter(pk=sending.pk).update(state=OccurrenceState.SENDING)
    queued = DeliveryFactory(occurrence=sending)
    sent = DeliveryFactory(occurrence=sending, state=DeliveryState.SENT)
    close_survey(survey=opened, acting_user=manager, at=OPENED_AT + timedelta(days=1))
    assert set(Occurrence.objects.values_list("state", flat=True)) == {OccurrenceState.CANCELLED}
    assert dict(Delivery.objects.values_list("pk", "state")) == {
        queued.pk: DeliveryState.CANCELLED,
        sent.pk: DeliveryState.SENT,
    }
    stored = Survey.objects.get(pk=opened.pk)
    assert (stored.status, stored.ended_at) == (
        SurveyStatus.CLOSED,
        OPENED_AT + timedelta(days=1),
    )


def test_close_survey_leaves_sent_mails_as_they_are(opened: Survey, manager: User) -> None:
    Occurrence.objects.filter(message__key="ask").update(state=OccurrenceState.DONE)
    close_survey(survey=opened, acting_user=manager, at=OPENED_AT)
    assert Occurrence.objects.get(message__key="ask").state == OccurrenceState.DONE


def test_close_survey_twice_is_refused(opened: Survey, manager: User) -> None:
    close_survey(survey=opened, acting_user=manager, at=OPENED_AT)
    with pytest.raises(StaleState):
        close_survey(survey=Survey.objects.get(pk=opened.pk), acting_user=manager, at=OPENED_AT)
    assert Event.objects.filter(verb="survey.closed").count() == 1


def test_clock_closes_what_is_over_and_nothing_else(opened: Survey, cohort: Cohort) -> None:
    longer = open_survey_row(
        CohortFactory(project=cohort.project), closes_at=CLOSES_AT + timedelta(days=1)
    )
    draft = draft_survey(CohortFactory(project=cohort.project))
    assert close_due_surveys(at=CLOSES_AT - timedelta(seconds=1)) == 0
    assert close_due_surveys(at=CLOSES_AT) == 1
    assert close_due_surveys(at=CLOSES_AT) == 0
    assert dict(Survey.objects.values_list("pk", "status")) == {
        opened.pk: SurveyStatus.CLOSED,
        longer.pk: SurveyStatus.OPEN,
        draft.pk: SurveyStatus.DRAFT,
    }
    event = Event.objects.get(verb="survey.closed")
    assert (event.actor, event.sentence) == (None, "“How is it going?” was closed for Wave 1.")


def test_draft_is_forgotten_when_nobody_can_send_it_any_more(cohort: Cohort) -> None:
    survey = open_survey_row(cohort, status=SurveyStatus.CLOSED, closed_at=CLOSES_AT)
    going_on = open_survey_row(CohortFactory(project=cohort.project))
    for one in (survey, going_on):
        (invitation,) = invite(one)
        invitation.draft = {"work": 1}
        invitation.save()
    assert forget_drafts(at=CLOSES_AT + timedelta(hours=23)) == 0
    assert forget_drafts(at=CLOSES_AT + timedelta(hours=24)) == 1
    assert forget_drafts(at=CLOSES_AT + timedelta(hours=24)) == 0
    drafts = dict(Invitation.objects.values_list("survey", "draft"))
    assert drafts == {survey.pk: {}, going_on.pk: {"work": 1}}


def test_task_looks_at_the_clock(opened: Survey, noon) -> None:
    task()
    assert Survey.objects.get(pk=opened.pk).status == SurveyStatus.OPEN
    noon.move_to(CLOSES_AT)
    task()
    assert Survey.objects.get(pk=opened.pk).status == SurveyStatus.CLOSED
