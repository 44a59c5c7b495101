"""A project's survey pages: who may see and do what, and what they show."""

import csv
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from cohorts.models import Cohort
from communications.models import Occurrence
from projects.models import Project
from surveys.enums import SurveyStatus
from surveys.models import Question, Survey
from surveys.queries import results
from tests.factories.cohorts import CohortFactory
from tests.factories.surveys import (
    ANSWERS,
    CLOSES_AT,
    add_people,
    answer,
    draft_survey,
    invite,
    open_survey_row,
    survey_messages,
)

pytestmark = pytest.mark.usefixtures("noon")
SignIn = Callable[[User | None], Client]


@pytest.fixture
def draft(cohort: Cohort) -> Survey:
    survey_messages(cohort)
    return draft_survey(cohort)


def url(survey: Survey, end: str = "") -> str:
    return f"/projects/{survey.project.slug}/surveys/{survey.pk}/{end}"


def list_url(project: Project) -> str:
    return f"/projects/{project.slug}/surveys/"


WORDING: dict[str, Any] = {
    "title": "New title",
    "intro": "New intro",
    "thanks": "",
    "open_days": "7",
    **{f"q-{key}": f"New {key}" for key in ANSWERS},
}
READ = ["", "preview/", "texts/words/", "answers.csv"]
WRITE = {"open/": {}, "close/": {}, "edit/": WORDING}


# ---- who may


@pytest.mark.parametrize("place", READ)
@pytest.mark.parametrize("persona", ["viewer", "contributor", "manager", "admin"])
def test_members_read(
    survey: Survey, place: str, persona: str, as_user: SignIn, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(persona)
    assert as_user(user).get(url(survey, place)).status_code == 200
    assert as_user(user).get(list_url(survey.project)).status_code == 200


@pytest.mark.parametrize("place", [*READ, *WRITE])
def test_stranger_finds_nothing(
    survey: Survey, place: str, as_user: SignIn, stranger: User
) -> None:
    client = as_user(stranger)
    assert {client.get(url(survey, place)).status_code} <= {404, 405}
    assert {client.post(url(survey, place), WORDING).status_code} <= {404, 405}
    assert client.get(list_url(survey.project)).status_code == 404


@pytest.mark.parametrize("place", [*READ, "close/", "edit/"])
def test_anonymous_visitor_is_asked_to_sign_in(survey: Survey, place: str, as_user: SignIn) -> None:
    response = as_user(None).get(url(survey, place))
    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


@pytest.mark.parametrize("place", WRITE)
@pytest.mark.parametrize("persona", ["viewer", "contributor"])
def test_only_managers_write(
    draft: Survey, place: str, persona: str, as_user: SignIn, request: pytest.FixtureRequest
) -> None:
    add_people(draft.cohort, 1)
    client = as_user(request.getfixturevalue(persona))
    before = Survey.objects.values().get()
    assert client.post(url(draft, place), WRITE[place]).status_code == 403
    assert Survey.objects.values().get() == before
    for address in (list_url(draft.project), url(draft)):
        text = client.get(address).text
        assert [
            word for word in ("Open and invite", "Edit wording", "Close now") if word in text
        ] == []


def test_survey_of_another_project_is_not_found_by_its_number(
    survey: Survey, foreign_project: Project, stranger: User, as_user: SignIn
) -> None:
    path = f"/projects/{foreign_project.slug}/surveys/{survey.pk}/"
    client = as_user(stranger)
    assert [client.get(path + page).status_code for page in READ] == [404] * 4
    assert [client.post(path + page, data).status_code for page, data in WRITE.items()] == [404] * 3
    assert client.get(f"/projects/{foreign_project.slug}/surveys/{10**30}/").status_code == 404


# ---- the list


def test_list_says_what_opening_will_do(draft: Survey, manager: User, as_user: SignIn) -> None:
    add_people(draft.cohort, 3)
    text = as_user(manager).get(list_url(draft.project)).text
    assert "Open for 3 people…" in text
    assert "Not open yet" in text


def test_list_shows_who_answered(survey: Survey, viewer: User, as_user: SignIn) -> None:
    answer(invite(survey, 3)[0])
    text = as_user(viewer).get(list_url(survey.project)).text
    assert "1 of 3" in text
    assert "33.3" in text


def test_list_of_a_project_without_surveys_says_so(
    project: Project, viewer: User, as_user: SignIn
) -> None:
    assert "No surveys" in as_user(viewer).get(list_url(project)).text


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_a_fixed_number_of_queries(
    project: Project,
    manager: User,
    as_user: SignIn,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(rows):
        survey = open_survey_row(CohortFactory(project=project))
        answer(invite(survey, rows)[0])
    client = as_user(manager)
    with django_assert_num_queries(5):  # session, user, project, role, surveys
        assert client.get(list_url(project)).text.count("Close now") == rows


# ---- one survey


@pytest.mark.parametrize("people", [1, 3])
def test_results_take_a_fixed_number_of_queries(
    survey: Survey,
    viewer: User,
    as_user: SignIn,
    people: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for invitation in invite(survey, people):
        answer(invitation)
    client = as_user(viewer)
    with django_assert_num_queries(8):  # the five of the list, questions, two tallies
        text = client.get(url(survey)).text
    assert f"{people} of {people} people" in text


def test_results_show_what_was_answered(survey: Survey, viewer: User, as_user: SignIn) -> None:
    one, two, three = invite(survey, 3)
    answer(one)
    answer(two, {"work": "na", "blockers": ["time", "training"], "recommend": 3})
    answer(three, {"work": 1, "recommend": 7})
    text = " ".join(as_user(viewer).get(url(survey)).text.split())
    assert "<b>50 %</b> agree or strongly agree, of 2 answers on the scale." in text.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "<b>0</b> NPS: 1 would recommend it (9 or 10), 1 are content (7 or 8)" in text
    assert "Read what people wrote" in text


def test_opening_from_the_page(draft: Survey, manager: User, as_user: SignIn) -> None:
    add_people(draft.cohort, 2)
    client = as_user(manager)
    assert client.get(url(draft, "open/")).status_code == 405
    assert client.post(url(draft, "open/")).status_code == 422
    assert client.post(url(draft, "open/"), {"people": 3}).status_code == 409
    response = client.post(url(draft, "open/"), {"people": 2}, follow=True)
    assert "The survey is open. The invitations are on their way." in response.text
    assert Survey.objects.get().status == SurveyStatus.OPEN
    assert Occurrence.objects.get(message__key="ask").approved_by == manager
    again = client.post(url(draft, "open/"), {"people": 2})
    assert again.status_code == 409
    assert Occurrence.objects.count() == 3


def test_opening_for_nobody_is_refused(draft: Survey, manager: User, as_user: SignIn) -> None:
    response = as_user(manager).post(url(draft, "open/"), {"people": 0})
    assert response.status_code == 422
    assert "Wave 1 has no people yet." in response.text


def test_closing_asks_first(survey: Survey, manager: User, as_user: SignIn) -> None:
    answer(invite(survey, 3)[0])
    client = as_user(manager)
    assert "2 people have not answered" in client.get(url(survey, "close/")).text
    assert Survey.objects.get().status == SurveyStatus.OPEN
    assert client.post(url(survey, "close/")).status_code == 302
    assert Survey.objects.get().status == SurveyStatus.CLOSED
    assert client.post(url(survey, "close/")).status_code == 409


# ---- wording


def test_wording_is_changed_while_it_is_a_draft(
    draft: Survey, manager: User, as_user: SignIn
) -> None:
    client = as_user(manager)
    assert "Is anything" not in client.get(url(draft, "edit/")).text
    assert client.post(url(draft, "edit/"), WORDING).status_code == 302
    stored = Survey.objects.get()
    assert (stored.title, stored.intro, stored.thanks, stored.open_days) == (
        "New title",
        "New intro",
        "",
        7,
    )
    texts = dict(Question.objects.values_list("key", "text"))
    assert texts == {key: f"New {key}" for key in ANSWERS}


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("q-work", ""), ("open_days", "0"), ("open_days", "x"), ("intro", "a\0b")],
)
def test_bad_wording_is_refused_and_kept_on_the_page(
    draft: Survey, manager: User, as_user: SignIn, field: str, value: str
) -> None:
    response = as_user(manager).post(url(draft, "edit/"), {**WORDING, field: value})
    assert response.status_code == 422
    assert "New words" in response.text
    assert Survey.objects.get().title == draft.title


def test_wording_of_an_open_survey_is_locked(
    survey: Survey, manager: User, as_user: SignIn
) -> None:
    response = as_user(manager).post(url(survey, "edit/"), WORDING)
    assert response.status_code == 409
    assert "its questions stay as people were asked" in response.text
    assert Survey.objects.get().title == survey.title


# ---- texts, preview, export


def test_texts_are_paged_from_the_newest_back(
    survey: Survey, viewer: User, as_user: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "TEXTS_A_PAGE", 2)
    for number, invitation in enumerate(invite(survey, 3)):
        answer(invitation, {"words": f"Text <{number}>"})
    answer(invite(survey)[0], {"work": 1})
    client = as_user(viewer)
    first = client.get(url(survey, "texts/words/"))
    assert [n for n in range(3) if f"Text &lt;{n}&gt;" in first.text] == [1, 2]
    (following,) = [part for part in first.text.split('"') if part.startswith("?before=")]
    second = client.get(url(survey, "texts/words/") + following)
    assert [n for n in range(3) if f"Text &lt;{n}&gt;" in second.text] == [0]
    assert 'rel="next"' not in second.text


@pytest.mark.parametrize("before", ["x", "-1", "0", "1e9", str(2**63), "%00"])
def test_odd_page_addresses_are_bad_requests(
    survey: Survey, viewer: User, as_user: SignIn, before: str
) -> None:
    response = as_user(viewer).get(url(survey, f"texts/words/?before={before}"))
    assert response.status_code == 400


@pytest.mark.parametrize("question", ["work", "nothing"])
def test_only_text_questions_have_texts(
    survey: Survey, viewer: User, as_user: SignIn, question: str
) -> None:
    assert as_user(viewer).get(url(survey, f"texts/{question}/")).status_code == 404


def test_preview_shows_the_questions_and_takes_nothing(
    draft: Survey, viewer: User, as_user: SignIn
) -> None:
    client = as_user(viewer)
    text = client.get(url(draft, "preview/")).text
    assert text.count("data-question") == 5
    assert 'type="submit">Send' not in text
    assert "24 June 2038, 23:59 (Europe/Berlin)" in text
    assert client.post(url(draft, "preview/")).status_code == 405


def table(client: Client, survey: Survey) -> list[list[str]]:
    response = client.get(url(survey, "answers.csv"))
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    return list(csv.reader(content.decode("utf-8-sig").splitlines()))


def test_export_holds_answers_without_names(survey: Survey, viewer: User, as_user: SignIn) -> None:
    one, two = invite(survey, 2)
    answer(one)
    answer(two, {"work": "na", "blockers": ["time", "training"], "words": "=1+1"})
    assert table(as_user(viewer), survey) == [
        ["Received on", *Question.objects.values_list("text", flat=True)],
        ["2038-06-08", "4", "Well", "Time", "9", "Good."],
        ["2038-06-08", "Doesn’t apply to me", "", "Time; Training", "", "'=1+1"],
    ]


# ---- few answers to an anonymous survey


@pytest.mark.parametrize(("people", "shown"), [(1, False), (4, False), (5, True)])
def test_few_anonymous_answers_stay_hidden(
    survey: Survey, viewer: User, as_user: SignIn, people: int, shown: bool
) -> None:
    Survey.objects.update(is_anonymous=True)
    for invitation in invite(Survey.objects.get(), people):
        answer(invitation)
    client = as_user(viewer)
    assert ("Strongly agree" in client.get(url(survey)).text) is shown
    assert ("Good." in client.get(url(survey, "texts/words/")).text) is shown
    assert client.get(url(survey, "answers.csv")).status_code == (200 if shown else 403)


def test_page_after_the_end_says_closed(
    survey: Survey, viewer: User, as_user: SignIn, noon
) -> None:
    Survey.objects.update(status=SurveyStatus.CLOSED, closed_at=CLOSES_AT + timedelta(minutes=1))
    text = as_user(viewer).get(url(survey)).text
    assert "22 Jun, 23:59" in text
    assert "Close now" not in text
