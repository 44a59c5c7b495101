"""Answers: kept, received once, taken back; and what becomes of mails that would still remind."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from communications.enums import DeliveryState, OccurrenceState
from communications.models import Delivery
from projects.models import Event
from surveys.enums import SurveyStatus
from surveys.exceptions import AlreadyAnswered, SurveyNotOpen
from surveys.models import Invitation, Response, Survey
from surveys.services.responses import save_draft, submit_response, take_back_response
from tests.factories.cohorts import CohortFactory
from tests.factories.communications import DeliveryFactory, OccurrenceFactory
from tests.factories.surveys import (
    ANSWERS,
    CLOSES_AT,
    answer,
    invite,
    open_survey_row,
    survey_messages,
)

AT = datetime(2038, 6, 10, 12, 34, 56, tzinfo=UTC)
HOUR = timedelta(hours=1)


def stored(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_related("survey").get(pk=invitation.pk)


def test_submit_keeps_the_answers_with_the_person(survey: Survey) -> None:
    (invitation,) = invite(survey)
    submit_response(invitation=invitation, answers=ANSWERS, at=AT)
    response = Response.objects.get()
    assert (response.survey, response.invitation, response.answers, response.submitted_at) == (
        survey,
        invitation,
        ANSWERS,
        AT,
    )
    assert stored(invitation).answered_at == AT


def test_submit_rings_for_the_goals_of_the_project(
    survey: Survey, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    (invitation,) = invite(survey)
    with django_capture_on_commit_callbacks() as callbacks:
        submit_response(invitation=invitation, answers=ANSWERS, at=AT)
    assert len(callbacks) == 1


def test_submit_writes_no_event(survey: Survey) -> None:
    (invitation,) = invite(survey)
    submit_response(invitation=invitation, answers=ANSWERS, at=AT)
    assert list(Event.objects.all()) == []


def test_second_submit_is_refused_and_the_first_stays(survey: Survey) -> None:
    (invitation,) = invite(survey)
    submit_response(invitation=invitation, answers=ANSWERS, at=AT)
    with pytest.raises(AlreadyAnswered):
        submit_response(invitation=invitation, answers={"work": 1}, at=AT + HOUR)
    assert Response.objects.get().answers == ANSWERS
    assert stored(invitation).answered_at == AT


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("anonymous", [False, True])
def test_submits_at_once_leave_one_response(survey: Survey, anonymous: bool) -> None:
    Survey.objects.update(is_anonymous=anonymous)
    (invitation,) = invite(Survey.objects.get(pk=survey.pk))
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def run(number: int) -> None:
        start.wait()
        try:
            submit_response(invitation=invitation, answers={"work": number % 5 + 1}, at=AT)
            outcomes.append("received")
        except AlreadyAnswered:
            outcomes.append("already received")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already received"] * 7 + ["received"]
    assert Response.objects.count() == 1


# ---- drafts


def test_draft_is_kept_and_gone_after_the_submit(survey: Survey) -> None:
    (invitation,) = invite(survey)
    save_draft(invitation=invitation, answers={"work": 2}, at=AT)
    kept = stored(invitation)
    assert (kept.draft, kept.started_at, kept.answered_at) == ({"work": 2}, AT, None)
    submit_response(invitation=invitation, answers=ANSWERS, at=AT + HOUR)
    assert stored(invitation).draft == {}


def test_draft_after_the_answer_is_refused(survey: Survey) -> None:
    (invitation,) = invite(survey)
    submit_response(invitation=invitation, answers=ANSWERS, at=AT)
    with pytest.raises(AlreadyAnswered):
        save_draft(invitation=invitation, answers={"work": 1}, at=AT)
    assert stored(invitation).draft == {}


# ---- closing while somebody fills it in


@pytest.mark.parametrize("closed_by_clock", [False, True])
def test_who_began_before_the_end_may_finish_within_a_day(
    survey: Survey, closed_by_clock: bool
) -> None:
    if closed_by_clock:
        Survey.objects.update(status=SurveyStatus.CLOSED, closed_at=CLOSES_AT + HOUR)
    (invitation,) = invite(survey)
    begun_at = CLOSES_AT - timedelta(minutes=5)
    late = CLOSES_AT + timedelta(hours=23)
    submit_response(invitation=invitation, answers=ANSWERS, at=late, begun_at=begun_at)
    assert Response.objects.get().submitted_at == late


def test_survey_closed_by_hand_ends_then(survey: Survey) -> None:
    Survey.objects.update(status=SurveyStatus.CLOSED, closed_at=AT)
    before, after = invite(survey, 2)
    submit_response(invitation=before, answers=ANSWERS, at=AT + HOUR, begun_at=AT - HOUR)
    with pytest.raises(SurveyNotOpen):
        submit_response(invitation=after, answers=ANSWERS, at=AT + HOUR, begun_at=AT)
    assert list(Response.objects.values_list("invitation", flat=True)) == [before.pk]


def test_draft_kept_before_the_end_lets_finish_from_another_device(survey: Survey) -> None:
    (invitation,) = invite(survey)
    save_draft(invitation=invitation, answers={"work": 2}, at=CLOSES_AT - HOUR)
    begun_at = CLOSES_AT + HOUR
    submit_response(invitation=invitation, answers=ANSWERS, at=begun_at, begun_at=begun_at)
    assert Response.objects.count() == 1


def test_after_the_day_of_grace_nothing_is_taken(survey: Survey) -> None:
    (invitation,) = invite(survey)
    begun_at, late = CLOSES_AT - HOUR, CLOSES_AT + timedelta(hours=24)
    with pytest.raises(SurveyNotOpen):
        submit_response(invitation=invitation, answers=ANSWERS, at=late, begun_at=begun_at)
    with pytest.raises(SurveyNotOpen):
        save_draft(invitation=invitation, answers=ANSWERS, at=late, begun_at=begun_at)
    assert (Response.objects.count(), stored(invitation).draft) == (0, {})


# ---- taking back


def test_named_answer_can_be_taken_back_while_open(survey: Survey) -> None:
    (invitation,) = invite(survey)
    submit_response(invitation=invitation, answers=ANSWERS, at=AT)
    take_back_response(invitation=invitation, at=AT + HOUR)
    back = stored(invitation)
    assert (back.draft, back.answered_at, Response.objects.count()) == (ANSWERS, None, 0)
    submit_response(invitation=invitation, answers={"work": 1}, at=AT + 2 * HOUR)
    assert Response.objects.get().answers == {"work": 1}


def test_answer_is_not_taken_back_after_closing(survey: Survey) -> None:
    (invitation,) = invite(survey)
    submit_response(invitation=invitation, answers=ANSWERS, at=AT)
    with pytest.raises(SurveyNotOpen):
        take_back_response(invitation=invitation, at=CLOSES_AT)
    assert Response.objects.get().answers == ANSWERS


# ---- anonymous surveys


@pytest.fixture
def secret(cohort) -> Survey:
    return open_survey_row(cohort, is_anonymous=True, key="secret")


def test_anonymous_answer_has_no_person_and_no_hour(secret: Survey) -> None:
    (invitation,) = invite(secret)
    save_draft(invitation=invitation, answers={"work": 2}, at=AT)
    submit_response(invitation=invitation, answers=ANSWERS, at=AT)
    day = datetime(2038, 6, 10, tzinfo=UTC)
    response, asked = Response.objects.get(), stored(invitation)
    assert (response.invitation, response.submitted_at) == (None, day)
    assert (asked.answered_at, asked.draft) == (day, {})


def test_anonymous_answer_cannot_be_taken_back(secret: Survey) -> None:
    (invitation,) = invite(secret)
    submit_response(invitation=invitation, answers=ANSWERS, at=AT)
    with pytest.raises(SurveyNotOpen):
        take_back_response(invitation=invitation, at=AT)
    assert Response.objects.count() == 1


@contextmanager
def at_once() -> Iterator[None]:
    """Checks deferred constraints at the end of the block rather than of the transaction."""
    yield
    connection.check_constraints()


def test_database_refuses_a_person_on_an_anonymous_answer(secret: Survey, survey: Survey) -> None:
    (invitation,) = invite(secret)
    common = {"survey": secret, "answers": {}, "submitted_at": AT}
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.create(is_anonymous=True, invitation=invitation, **common)
    with pytest.raises(IntegrityError), transaction.atomic(), at_once():
        Response.objects.create(is_anonymous=False, invitation=invitation, **common)


def test_promise_of_anonymity_is_locked_by_the_first_answer(secret: Survey) -> None:
    answer(invite(secret)[0])
    with pytest.raises(IntegrityError), transaction.atomic(), at_once():
        Survey.objects.filter(pk=secret.pk).update(is_anonymous=False)


# ---- mails that an answer makes unwanted


def mail(survey: Survey, person, state: str, anchor: str = "r1") -> Delivery:
    occurrence = survey.project.occurrences.filter(anchor_key__endswith=anchor).first()
    if occurrence is None:
        message = survey.project.messages.get(key="feedback-reminder")
        key = f"cohort:{survey.cohort_id}:{anchor}"
        occurrence = OccurrenceFactory(
            message=message, cohort=survey.cohort, anchor_key=key, state=OccurrenceState.SENDING
        )
    return DeliveryFactory(occurrence=occurrence, participant=person, state=state)


def test_answer_withdraws_the_reminders_of_this_person_only(survey: Survey) -> None:
    survey_messages(survey.cohort)
    one, two = invite(survey, 2)
    queued = mail(survey, one.participant, DeliveryState.QUEUED)
    claimed = mail(survey, one.participant, DeliveryState.CLAIMED, "r2")
    others = mail(survey, two.participant, DeliveryState.QUEUED)
    submit_response(invitation=one, answers=ANSWERS, at=AT)
    states = dict(Delivery.objects.values_list("pk", "state"))
    assert states == {
        queued.pk: DeliveryState.SKIPPED,
        claimed.pk: DeliveryState.SKIPPED,
        others.pk: DeliveryState.QUEUED,
    }
    assert Delivery.objects.get(pk=queued.pk).reason == "no longer needed"


def test_answer_leaves_other_mails_of_the_person_alone(survey: Survey) -> None:
    survey_messages(survey.cohort)
    (one,) = invite(survey)
    elsewhere = DeliveryFactory(
        occurrence=OccurrenceFactory(
            message__project=survey.project, cohort=CohortFactory(project=survey.project)
        ),
        participant=one.participant,
    )
    submit_response(invitation=one, answers=ANSWERS, at=AT)
    assert Delivery.objects.get(pk=elsewhere.pk).state == DeliveryState.QUEUED
