"""What a participant’s own page says, and to whom."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from cohorts.models import Cohort, Membership, Participant, Problem
from projects.models import Project
from rollout.my_moment import first_name
from tests.factories.cohorts import CohortFactory, ParticipantFactory
from tests.factories.surveys import InvitationFactory, SurveyFactory, draft_survey
from tests.rollout.my_upgrade.visiting import AT, HOME, visitor


def test_page_says_when_with_whom_and_what_changes(client: Client) -> None:
    text = client.get(HOME).text
    wanted = [
        "You switch to Teams only on 1 June",
        "Hello Jonas,",
        "Tuesday 1 June 2038, 18:00",
        "in 22 days · Europe/Berlin · with Wave 1",
        "You chat, call and meet in Teams.",
        "Check that your headset works in Teams.",
        "If you are stuck: the service desk.",
        "We have not written to you yet",
        "Not switched yet",
    ]
    assert [words for words in wanted if words not in text] == []
    assert [words for words in ("Petersen", "Choose another date") if words in text] == []


def test_date_is_in_the_persons_own_zone_and_names_both(
    client: Client, person: Participant
) -> None:
    Participant.objects.filter(pk=person.pk).update(timezone="Asia/Tokyo")
    text = client.get(HOME).text
    assert "Wednesday 2 June 2038, 01:00" in text
    assert "in 23 days · Asia/Tokyo" in text
    assert "That is Tuesday 1 June, 18:00 in Europe/Berlin." in text
    Participant.objects.filter(pk=person.pk).update(timezone="Europe/London")
    assert "That is 18:00 in Europe/Berlin." in client.get(HOME).text
    for same in ("Europe/Paris", "No/Where", ""):
        Participant.objects.filter(pk=person.pk).update(timezone=same)
        text = client.get(HOME).text
        assert "Tuesday 1 June 2038, 18:00" in text
        assert "That is" not in text


def test_how_far_the_person_is(client: Client) -> None:
    row = Membership.objects.all()
    row.update(told_at=AT, blocked_since=AT)
    text = client.get(HOME).text
    assert "We wrote to you" in text
    assert "Something is in the way" in text
    row.update(switched_at=AT, mode_state="drift")
    text = client.get(HOME).text
    assert "You have switched to Teams only" in text
    assert "Not in the new way yet" in text
    assert "Something is in the way" not in text
    row.update(mode_state="verified", observed_at=AT)
    assert "We see you in the new way" in client.get(HOME).text


def test_person_without_a_cohort_has_no_date(project: Project) -> None:
    client = visitor(ParticipantFactory(project=project))
    assert "You have no date yet." in client.get(HOME).text
    assert client.get(f"{HOME}switch.ics").status_code == 404
    assert "no other date" in client.get(f"{HOME}date/").text
    assert "no switch ahead of you" in client.get(f"{HOME}later/").text


def test_calendar_entry_is_the_cohorts(client: Client, first: Cohort) -> None:
    response = client.get(f"{HOME}switch.ics")
    assert response["Content-Type"].startswith("text/calendar")
    assert response["Content-Disposition"] == 'attachment; filename="switch.ics"'
    assert f"UID:cohort-{first.pk}@".encode() in response.content
    assert b"DTSTART;TZID=Europe/Berlin:20380601T180000" in response.content


@pytest.mark.parametrize(
    ("language", "words"),
    [("de-AT", "Umstellung von Wave 1"), ("sw", "Wave 1 switches"), ("", "Wave 1 switches")],
)
def test_calendar_entry_is_in_the_persons_language(
    client: Client, person: Participant, language: str, words: str
) -> None:
    Participant.objects.filter(pk=person.pk).update(language=language)
    response = client.get(f"{HOME}switch.ics")
    assert f"{person.project.name}: {words}".encode() in response.content
    assert client.get(HOME)["Content-Language"] == "en-gb"


def test_surveys_of_the_person(client: Client, person: Participant, first: Cohort) -> None:
    opened = {"opened_at": AT, "closes_at": AT + timedelta(days=9)}
    asked = InvitationFactory(
        survey=SurveyFactory(cohort=first, key="a", title="Open one", **opened), participant=person
    )
    InvitationFactory(
        survey=SurveyFactory(cohort=first, key="b", title="Answered one", **opened),
        participant=person,
        answered_at=AT,
    )
    foreign = InvitationFactory(survey__cohort=first, survey__key="c", survey__title="Not mine")
    draft_survey(first, key="d", title="Coming one", opens_on=date(2038, 6, 8))
    text = client.get(HOME).text
    wanted = ["Open one", "Answered one", "Coming one", "Opens on Tuesday 8 June; we write to you."]
    assert [words for words in wanted if words not in text] == []
    assert "Not mine" not in text
    response = client.get(f"{HOME}surveys/{asked.survey_id}/", follow=True)
    assert response.redirect_chain == [(f"/survey/{asked.survey_id}/", 302)]
    assert (response.status_code, "Open one" in response.text) == (200, True)
    assert client.get(f"{HOME}surveys/{foreign.survey_id}/").status_code == 404


@pytest.mark.parametrize(
    ("display_name", "name"),
    [
        ("Jonas Petersen", "Jonas"),
        ("Petersen, Jonas (IT)", "Jonas"),
        ("Petersen,", "Petersen"),
        ("Zoë", "Zoë"),
        (" ", ""),
    ],
)
def test_greeting_names_the_first_name_alone(display_name: str, name: str) -> None:
    assert first_name(display_name) == name


@pytest.mark.parametrize("number", [1, 5])
def test_page_takes_a_fixed_number_of_queries(
    client: Client,
    person: Participant,
    second: Cohort,
    first: Cohort,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(number):
        Problem.objects.create(participant=person, cohort=first, text=f"Problem {n}")
        InvitationFactory(survey=SurveyFactory(cohort=first, key=f"s{n}"), participant=person)
        CohortFactory(
            project=first.project,
            is_bookable=True,
            capacity=9,
            switch_on=date(2038, 7, 1),
            ends_on=date(2038, 7, 9),
        )
    with django_assert_num_queries(8):
        assert client.get(HOME).status_code == 200


def test_team_sees_the_page_without_its_buttons(
    person: Participant, viewer: User, stranger: User, as_user: Callable[[User], Client]
) -> None:
    path = f"/projects/{person.project.slug}/people/{person.pk}/my-upgrade/"
    text = as_user(viewer).get(path).text
    assert "Tuesday 1 June 2038, 18:00" in text
    assert [href for href in re.findall(r'href="([^"]+)"', text) if href.startswith(HOME)] == []
    assert as_user(stranger).get(path).status_code == 404
    Participant.objects.update(status="left")
    assert as_user(viewer).get(path).status_code == 404
