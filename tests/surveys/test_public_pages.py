"""The pages of people who were asked: from the link in the mail to the thanks, and wrong ways."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from common import limits, links
from projects.models import Project
from surveys.enums import SurveyStatus
from surveys.models import Invitation, Response, Survey
from tests.factories.cohorts import CohortFactory
from tests.factories.surveys import (
    ANSWERS,
    CLOSES_AT,
    POSTED,
    answer,
    draft_survey,
    invite,
    open_survey_row,
)

pytestmark = pytest.mark.usefixtures("noon")
NOON = datetime(2038, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def invitation(survey: Survey) -> Invitation:
    return invite(survey)[0]


def link(invitation: Invitation, generation: int | None = None) -> str:
    generation = invitation.generation if generation is None else generation
    return f"/s/{links.token('survey', invitation.public_id, generation)}/"


def page_of(survey: Survey) -> str:
    return f"/survey/{survey.pk}/"


def visitor(invitation: Invitation) -> Client:
    client = Client()
    client.get(link(invitation))
    return client


def mark(client: Client, survey: Survey) -> str:
    found = re.search(r'name="visit" value="(\w+)"', client.get(page_of(survey)).text)
    assert found
    return found.group(1)


def send(client: Client, survey: Survey, **more: Any) -> HttpResponse:
    data = {**POSTED, "visit": mark(client, survey), **more}
    return client.post(page_of(survey), data)


def stored(invitation: Invitation) -> Invitation:
    return Invitation.objects.get(pk=invitation.pk)


# ---- the link


def test_link_is_exchanged_for_a_cookie_and_an_address_without_it(invitation: Invitation) -> None:
    client = Client()
    response = client.get(link(invitation))
    address = page_of(invitation.survey)
    assert (response.status_code, response["Location"]) == (302, address)
    cookie = response.cookies[f"survey-{invitation.survey_id}"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (address, True, "Lax")
    token = link(invitation).split("/")[2]
    assert token not in cookie.value
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    page = client.get(address)
    assert page.status_code == 200
    assert token not in page.text


def test_cookie_is_secure_outside_development(invitation: Invitation, settings: Settings) -> None:
    settings.DEVELOPMENT = False
    response = Client().get(link(invitation))
    assert response.cookies[f"survey-{invitation.survey_id}"]["secure"] is True


@pytest.mark.parametrize("method", ["get", "head"])
def test_scanner_changes_nothing(invitation: Invitation, method: str) -> None:
    before = Invitation.objects.values().get()
    client = Client()
    getattr(client, method)(link(invitation))
    assert getattr(client, method)(page_of(invitation.survey)).status_code == 200
    assert Invitation.objects.values().get() == before
    assert Response.objects.count() == 0


def wrong_links(invitation: Invitation) -> dict[str, str]:
    good = link(invitation)
    return {
        "altered": good[:10] + ("A" if good[10] != "A" else "B") + good[11:],
        "cut": good[:-5] + "/",
        "revoked": link(invitation, generation=2),
        "of nobody": f"/s/{links.token('survey', uuid.uuid4(), 1)}/",
        "of another purpose": f"/s/{links.token('my-upgrade', invitation.public_id, 1)}/",
        "no token": "/s/hello/",
        "odd": "/s/%C3%A9%20%F0%9F%8D%8B/",
        "long": "/s/" + "A" * 5000 + "/",
    }


def test_every_wrong_link_shows_the_same_page(invitation: Invitation) -> None:
    answers = {name: Client().get(path) for name, path in wrong_links(invitation).items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
        answers, 404
    )
    assert len({answer.content for answer in answers.values()}) == 1
    assert {answer["Referrer-Policy"] for answer in answers.values()} == {"no-referrer"}
    assert [answer.cookies for answer in answers.values() if answer.cookies] == []


def test_raising_the_generation_revokes_the_link_and_the_visit(invitation: Invitation) -> None:
    client = visitor(invitation)
    assert client.get(page_of(invitation.survey)).status_code == 200
    Invitation.objects.update(generation=2)
    assert client.get(page_of(invitation.survey)).status_code == 404
    assert client.get(link(invitation)).status_code == 404


def test_page_without_a_cookie_or_with_a_forged_one_is_unknown(invitation: Invitation) -> None:
    client = Client()
    assert client.get(page_of(invitation.survey)).status_code == 404
    forged = f"{invitation.public_id.hex}.1.0:1abcde:xyz"
    client.cookies[f"survey-{invitation.survey_id}"] = forged
    assert client.get(page_of(invitation.survey)).status_code == 404
    assert client.post(page_of(invitation.survey), POSTED).status_code == 404
    assert Response.objects.count() == 0


def test_cookie_of_one_survey_opens_no_other(invitation: Invitation, project: Project) -> None:
    other = open_survey_row(CohortFactory(project=project))
    client = visitor(invitation)
    value = client.cookies[f"survey-{invitation.survey_id}"].value
    client.cookies[f"survey-{other.pk}"] = value
    assert client.get(page_of(other)).status_code == 404


def test_only_unknown_links_count_against_an_address(
    invitation: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNKNOWN_ALLOWED", 3)
    client = Client()
    for _ in range(5):
        assert client.get(link(invitation)).status_code == 302
    assert [client.get("/s/wrong/").status_code for _ in range(5)] == [404, 404, 404, 429, 429]
    assert Client(REMOTE_ADDR="192.0.2.7").get("/s/wrong/").status_code == 404
    assert client.get(link(invitation)).status_code == 302


# ---- answering


def test_answers_are_received_and_thanked(invitation: Invitation) -> None:
    client = visitor(invitation)
    response = send(client, invitation.survey)
    assert (response.status_code, response["Location"]) == (302, page_of(invitation.survey))
    assert Response.objects.get().answers == ANSWERS
    thanks = client.get(page_of(invitation.survey)).text
    assert "We have your answers." in thanks
    assert "You helped us." in thanks
    assert "Thursday 10 June 2038, 14:00 (Europe/Berlin)" in thanks


def test_questions_that_may_be_skipped_are_absent(invitation: Invitation) -> None:
    client = visitor(invitation)
    data = {"q-work": "na", "visit": mark(client, invitation.survey)}
    client.post(page_of(invitation.survey), data)
    assert Response.objects.get().answers == {"work": "na"}


def test_missing_answer_keeps_what_was_typed_and_says_what_is_missing(
    invitation: Invitation,
) -> None:
    client = visitor(invitation)
    response = send(client, invitation.survey, **{"q-work": ""})
    assert response.status_code == 422
    assert "Please choose an answer; we need this one." in response.text
    assert 'href="#question-1"' in response.text
    assert "Good.</textarea>" in response.text
    assert re.search(r'value="9"[^>]*checked', response.text)
    assert Response.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("q-work", "6"),
        ("q-work", "four"),
        ("q-recommend", "11"),
        ("q-recommend", "-1"),
        ("q-skill", "elsewhere"),
        ("q-blockers", ["time", "elsewhere"]),
        ("q-words", "x" * 4001),
    ],
)
def test_answer_that_is_none_is_refused(invitation: Invitation, field: str, value: Any) -> None:
    client = visitor(invitation)
    response = send(client, invitation.survey, **{field: value})
    assert response.status_code == 422
    assert Response.objects.count() == 0


@pytest.mark.parametrize("field", [*POSTED, "visit", "keep", "unknown"])
@pytest.mark.parametrize("multipart", [False, True])
def test_nul_in_any_field_is_refused(invitation: Invitation, field: str, multipart: bool) -> None:
    client = visitor(invitation)
    data = {**POSTED, "visit": mark(client, invitation.survey), field: "a\0b"}
    path = page_of(invitation.survey)
    if multipart:
        response = client.post(path, data)
    else:
        body = "&".join(
            f"{name}={item}".replace("\0", "%00")
            for name, value in data.items()
            for item in (value if isinstance(value, list) else [value])
        )
        response = client.post(path, body, content_type="application/x-www-form-urlencoded")
    harmless = multipart and field in ("keep", "unknown")
    assert response.status_code in ((302,) if harmless else (400, 409, 422))
    assert Response.objects.count() == (1 if harmless and field == "unknown" else 0)


def test_choice_sent_twice_counts_once(invitation: Invitation) -> None:
    client = visitor(invitation)
    send(client, invitation.survey, **{"q-blockers": ["time", "time", "training"]})
    assert Response.objects.get().answers["blockers"] == ["time", "training"]


def test_second_submit_says_already_received(invitation: Invitation) -> None:
    client = visitor(invitation)
    data = {**POSTED, "visit": mark(client, invitation.survey)}
    client.post(page_of(invitation.survey), data)
    again = client.post(page_of(invitation.survey), {**data, "q-work": "1"})
    assert again.status_code == 409
    assert "We already have your answers." in again.text
    assert Response.objects.get().answers == ANSWERS


def test_form_shown_to_one_person_is_not_sent_as_another(survey: Survey) -> None:
    first, second = invite(survey, 2)
    client = visitor(first)
    shown = mark(client, survey)
    client.get(link(second))  # somebody else opens their link in the same browser
    response = client.post(page_of(survey), {**POSTED, "visit": shown})
    assert response.status_code == 409
    assert "Nothing was sent." in response.text
    assert "Good." in response.text
    assert Response.objects.count() == 0


def test_post_without_a_csrf_token_is_refused(invitation: Invitation) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(link(invitation))
    data = {**POSTED, "visit": mark(client, invitation.survey)}
    assert client.post(page_of(invitation.survey), data).status_code == 403
    token = client.cookies["csrftoken"].value
    data["csrfmiddlewaretoken"] = token
    assert client.post(page_of(invitation.survey), data).status_code == 302


# ---- keeping and going on later


def test_kept_answers_come_back_on_another_device(invitation: Invitation) -> None:
    client = visitor(invitation)
    response = send(client, invitation.survey, keep="1", **{"q-work": ""})
    assert response.status_code == 302
    kept = {key: value for key, value in ANSWERS.items() if key != "work"}
    assert stored(invitation).draft == kept
    assert "Kept." in client.get(page_of(invitation.survey)).text
    elsewhere = visitor(invitation).get(page_of(invitation.survey)).text
    assert "Good.</textarea>" in elsewhere
    assert "4 of 5 answered" in elsewhere
    assert Response.objects.count() == 0


def test_page_that_keeps_by_itself_gets_a_bare_answer(invitation: Invitation) -> None:
    client = visitor(invitation)
    data = {"visit": mark(client, invitation.survey), "keep": "1", "q-words": "Half a"}
    response = client.post(page_of(invitation.survey), data, headers={"X-Autosave": "1"})
    assert (response.status_code, response.content) == (204, b"")
    assert stored(invitation).draft == {"words": "Half a"}


def test_named_answers_can_be_changed_until_closing(invitation: Invitation) -> None:
    client = visitor(invitation)
    send(client, invitation.survey)
    change = f"{page_of(invitation.survey)}change/"
    thanks_mark = mark(client, invitation.survey)
    assert client.post(change, {"visit": thanks_mark}).status_code == 302
    assert Response.objects.count() == 0
    assert "Good.</textarea>" in client.get(page_of(invitation.survey)).text
    send(client, invitation.survey, **{"q-work": "2"})
    assert Response.objects.get().answers["work"] == 2


def test_change_of_nothing_is_a_conflict(invitation: Invitation) -> None:
    client = visitor(invitation)
    change = f"{page_of(invitation.survey)}change/"
    Survey.objects.update(is_anonymous=True)
    shown = mark(client, invitation.survey)
    answer(Invitation.objects.select_related("survey").get())
    assert client.post(change, {"visit": shown}).status_code == 409
    assert Response.objects.count() == 1


# ---- before, after


def test_closed_survey_says_so(invitation: Invitation, noon) -> None:
    noon.move_to(CLOSES_AT + timedelta(minutes=1))
    response = visitor(invitation).get(page_of(invitation.survey))
    assert response.status_code == 200
    assert "This survey is closed." in response.text


def test_survey_that_has_not_opened_says_so(project: Project) -> None:
    survey = draft_survey(CohortFactory(project=project))
    response = visitor(invite(survey)[0]).get(page_of(survey))
    assert "This survey has not opened yet." in response.text


def test_closed_while_filling_in_is_still_received(invitation: Invitation, noon) -> None:
    noon.move_to(CLOSES_AT - timedelta(minutes=5))
    client = visitor(invitation)
    data = {**POSTED, "visit": mark(client, invitation.survey)}
    Survey.objects.update(status=SurveyStatus.CLOSED, closed_at=CLOSES_AT)
    noon.move_to(CLOSES_AT + timedelta(minutes=5))
    assert "you can still send your answers" in client.get(page_of(invitation.survey)).text
    assert client.post(page_of(invitation.survey), data).status_code == 302
    assert Response.objects.get().answers == ANSWERS


def test_too_late_shows_a_copy_of_what_was_typed(invitation: Invitation, noon) -> None:
    noon.move_to(CLOSES_AT - timedelta(minutes=5))
    client = visitor(invitation)
    data = {**POSTED, "visit": mark(client, invitation.survey)}
    noon.move_to(CLOSES_AT + timedelta(days=1))
    response = client.post(page_of(invitation.survey), data)
    assert response.status_code == 409
    assert "This survey is closed." in response.text
    assert "What you had written" in response.text
    assert [words for words in ("Good.", "Agree", "Time", "9") if words not in response.text] == []
    assert Response.objects.count() == 0


# ---- the page itself


def test_page_names_no_person(invitation: Invitation) -> None:
    text = visitor(invitation).get(page_of(invitation.survey)).text
    person = invitation.participant
    assert [word for word in (person.display_name, person.upn) if word in text] == []


def test_wording_is_escaped(invitation: Invitation) -> None:
    Survey.objects.update(title="<b>T</b>", intro="<script>i</script>")
    invitation.survey.questions.update(text="<img src=x>")
    text = visitor(invitation).get(page_of(invitation.survey)).text
    assert [bad for bad in ("<b>T</b>", "<script>i", "<img src=x>") if bad in text] == []
    assert "&lt;img src=x&gt;" in text


@pytest.mark.parametrize("questions", [1, 5])
def test_page_takes_two_queries_whatever_the_number_of_questions(
    invitation: Invitation, questions: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    invitation.survey.questions.filter(position__gte=questions).delete()
    client = visitor(invitation)
    with django_assert_num_queries(2):
        assert client.get(page_of(invitation.survey)).text.count("data-question") == questions


@pytest.mark.parametrize("path", ["/s/x/", "/survey/1/", "/survey/1/change/"])
def test_other_methods_are_refused(db: None, path: str) -> None:
    assert Client().put(path).status_code == 405
    assert Client().delete(path).status_code == 405


def test_absurd_number_in_the_address_is_unknown(db: None) -> None:
    assert Client().get(f"/survey/{10**30}/").status_code == 404
