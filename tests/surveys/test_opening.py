"""Opening a survey: invitations, the mail that becomes due, the reminders that are planned."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from accounts.models import User
from cohorts.enums import ParticipantStatus
from cohorts.models import Cohort
from common.exceptions import StaleState
from communications import audiences
from communications.models import Occurrence
from communications.services.ordering import order_now
from projects.models import Event, Project
from surveys.enums import SurveyStatus
from surveys.exceptions import NobodyToAsk
from surveys.models import Invitation, Survey
from surveys.services.opening import open_survey
from tests.factories.cohorts import CohortFactory
from tests.factories.surveys import CLOSES_AT, OPENED_AT, add_people, draft_survey, survey_messages


@pytest.fixture
def draft(cohort: Cohort) -> Survey:
    survey_messages(cohort)
    return draft_survey(cohort)


def occurrences() -> list[tuple[str, str, datetime | None, str]]:
    rows = Occurrence.objects.order_by("due_at").select_related("message")
    return [(o.message.key, o.anchor_key, o.due_at, o.state) for o in rows]


def invited(survey: Survey) -> set[int]:
    return set(survey.invitations.values_list("participant_id", flat=True))


def test_open_survey_invites_the_active_people_of_its_cohort(draft: Survey, manager: User) -> None:
    one, two, gone = add_people(draft.cohort, 3)
    gone.status = ParticipantStatus.LEFT
    gone.save()
    add_people(CohortFactory(project=draft.project), 1)
    open_survey(survey=draft, acting_user=manager, at=OPENED_AT)
    assert invited(draft) == {one.pk, two.pk}
    stored = Survey.objects.get(pk=draft.pk)
    assert (stored.status, stored.opened_at, stored.closes_at) == (
        SurveyStatus.OPEN,
        OPENED_AT,
        CLOSES_AT,
    )


def test_open_survey_orders_the_invitation_and_plans_the_reminders(
    draft: Survey, manager: User
) -> None:
    add_people(draft.cohort, 1)
    open_survey(survey=draft, acting_user=manager, at=OPENED_AT)
    cohort = f"cohort:{draft.cohort_id}"
    assert occurrences() == [
        ("ask", cohort, OPENED_AT, "approved"),
        ("feedback-reminder", f"{cohort}:r1", datetime(2038, 6, 11, 7, tzinfo=UTC), "approved"),
        ("feedback-reminder", f"{cohort}:r2", datetime(2038, 6, 15, 7, tzinfo=UTC), "approved"),
    ]


def test_open_survey_plans_no_reminder_after_closing(draft: Survey, manager: User) -> None:
    draft.open_days = 5
    draft.save()
    add_people(draft.cohort, 1)
    open_survey(survey=draft, acting_user=manager, at=OPENED_AT)
    cohort = f"cohort:{draft.cohort_id}"
    assert [row[1] for row in occurrences()] == [cohort, f"{cohort}:r1"]


def test_open_survey_records_one_event_with_the_number(draft: Survey, manager: User) -> None:
    add_people(draft.cohort, 2)
    open_survey(survey=draft, acting_user=manager, at=OPENED_AT)
    event = Event.objects.get(verb="survey.opened")
    assert (event.actor, event.subject_id, event.sentence) == (
        manager,
        draft.pk,
        "“How is it going?” was opened for Wave 1: 2 people are invited.",
    )


def test_open_survey_twice_is_refused_and_changes_nothing(draft: Survey, manager: User) -> None:
    add_people(draft.cohort, 1)
    open_survey(survey=draft, acting_user=manager, at=OPENED_AT)
    before = occurrences()
    with pytest.raises(StaleState):
        open_survey(survey=Survey.objects.get(pk=draft.pk), acting_user=manager, at=OPENED_AT)
    assert occurrences() == before


def test_open_survey_of_nobody_is_refused(draft: Survey, manager: User) -> None:
    with pytest.raises(NobodyToAsk) as refusal:
        open_survey(survey=draft, acting_user=manager, at=OPENED_AT)
    assert str(refusal.value) == "Wave 1 has no people yet. Add people to it, then open the survey."
    assert (Survey.objects.get(pk=draft.pk).status, occurrences()) == (SurveyStatus.DRAFT, [])


def test_closed_survey_is_not_opened_again(draft: Survey, manager: User) -> None:
    add_people(draft.cohort, 1)
    Survey.objects.filter(pk=draft.pk).update(
        status=SurveyStatus.CLOSED, opened_at=OPENED_AT, closes_at=CLOSES_AT
    )
    with pytest.raises(StaleState):
        open_survey(survey=Survey.objects.get(pk=draft.pk), acting_user=manager, at=OPENED_AT)


@pytest.mark.django_db(transaction=True)
def test_two_who_open_at_once_open_it_once(draft: Survey, manager: User) -> None:
    add_people(draft.cohort, 3)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def run() -> None:
        survey = Survey.objects.select_related("cohort", "project").get(pk=draft.pk)
        start.wait()
        try:
            open_survey(survey=survey, acting_user=manager, at=OPENED_AT)
            outcomes.append("opened")
        except StaleState:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["opened", "stale"]
    assert (len(occurrences()), Invitation.objects.count()) == (3, 3)
    assert Event.objects.filter(verb="survey.opened").count() == 1


# ---- the mail that opens the survey


def ordered(draft: Survey, manager: User) -> Occurrence:
    message = draft.project.messages.get(key="ask")
    return order_now(message=message, cohort=draft.cohort, acting_user=manager, at=OPENED_AT)


def test_sending_the_invitation_opens_the_survey(draft: Survey, manager: User) -> None:
    (one,) = add_people(draft.cohort, 1)
    occurrence = ordered(draft, manager)
    audience = audiences.get("survey_invited")
    audience.prepare(occurrence, OPENED_AT, manager)
    assert Survey.objects.get(pk=draft.pk).status == SurveyStatus.OPEN
    assert invited(draft) == {one.pk}
    assert [row[0] for row in occurrences()] == ["ask", "feedback-reminder", "feedback-reminder"]


def test_preparing_again_invites_who_joined_meanwhile(draft: Survey, manager: User) -> None:
    (one,) = add_people(draft.cohort, 1)
    open_survey(survey=draft, acting_user=manager, at=OPENED_AT)
    (late,) = add_people(draft.cohort, 1)
    tokens = dict(draft.invitations.values_list("participant_id", "public_id"))
    audience = audiences.get("survey_invited")
    audience.prepare(Occurrence.objects.get(message__key="ask"), OPENED_AT, None)
    assert invited(draft) == {one.pk, late.pk}
    assert draft.invitations.get(participant=one).public_id == tokens[one.pk]
    assert Event.objects.filter(verb="survey.opened").count() == 1


def test_preparing_a_closed_survey_invites_nobody(draft: Survey, manager: User) -> None:
    occurrence = ordered(draft, manager)
    Survey.objects.filter(pk=draft.pk).update(
        status=SurveyStatus.CLOSED, opened_at=OPENED_AT, closes_at=CLOSES_AT
    )
    add_people(draft.cohort, 1)
    audience = audiences.get("survey_invited")
    audience.prepare(occurrence, OPENED_AT, None)
    assert invited(draft) == set()
    assert list(audience.people(occurrence, CLOSES_AT)) == []


def test_another_cohort_is_not_touched(draft: Survey, manager: User, project: Project) -> None:
    other = draft_survey(CohortFactory(project=project, name="Wave 2"))
    add_people(other.cohort, 1)
    add_people(draft.cohort, 1)
    open_survey(survey=draft, acting_user=manager, at=OPENED_AT)
    assert Survey.objects.get(pk=other.pk).status == SurveyStatus.DRAFT
    assert invited(other) == set()
