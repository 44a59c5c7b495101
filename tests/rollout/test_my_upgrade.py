"""A participant's own page: what it says, what it lets them do, and what it keeps to itself."""

import io
import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from cohorts.models import Cohort, Deferral, Membership, Participant, Problem
from cohorts.services.deferrals import approve_deferral, ask_deferral, refuse_deferral
from cohorts.services.links import revoke_links
from cohorts.services.problems import solve_problem
from common import limits, links
from playbooks.library import get_playbook
from projects.models import Event, Project
from rollout.my_moment import first_name
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.projects import ProjectFactory
from tests.factories.surveys import InvitationFactory, SurveyFactory, draft_survey
from tests.hostile.tables import contents

AT = datetime(2027, 5, 10, 9, tzinfo=UTC)
HOME = "/my-upgrade/"
PAGES = ("", "date/", "later/", "later/withdraw/", "problem/", "champion/")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """10 May 2027, three weeks before Wave 1 switches. Stands still."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def project(project: Project) -> Project:
    modes = get_playbook("teams-upgrade").to_snapshot()["modes"]
    project.playbook_snapshot = {"modes": modes}
    project.help_contact = "the service desk"
    project.save()
    return project


@pytest.fixture
def first(project: Project) -> Cohort:
    return CohortFactory(project=project, name="Wave 1")


@pytest.fixture
def second(project: Project) -> Cohort:
    later = {"switch_on": date(2027, 6, 15), "ends_on": date(2027, 6, 30)}
    return CohortFactory(project=project, name="Wave 2", is_bookable=True, **later)


@pytest.fixture
def person(first: Cohort) -> Participant:
    someone = ParticipantFactory(project=first.project, display_name="Petersen, Jonas (IT)")
    return MembershipFactory(cohort=first, participant=someone).participant


def token_of(person: Participant) -> str:
    return links.token("my-upgrade", person.public_id, person.link_generation)


def link_of(person: Participant) -> str:
    return f"/me/{token_of(person)}/"


def visitor(person: Participant) -> Client:
    client = Client()
    assert client.get(link_of(person)).status_code == 302
    return client


@pytest.fixture
def client(person: Participant) -> Client:
    return visitor(person)


def mark(client: Client) -> str:
    text = client.get(f"{HOME}problem/").text
    found = re.search(r'name="visit" value="(\w+)"', text)
    assert found, text
    return found[1]


def post(client: Client, path: str, **data: Any) -> Any:
    return client.post(HOME + path, {"visit": mark(client), **data})


# ---- the link


def test_link_leads_to_an_address_without_a_token(person: Participant) -> None:
    client = Client()
    response = client.get(link_of(person))
    assert (response.status_code, response["Location"]) == (302, HOME)
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    cookie = client.cookies["my-upgrade"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (HOME, True, "Lax")
    assert token_of(person) not in cookie.value
    page = client.get(HOME)
    assert page.status_code == 200
    assert token_of(person) not in page.text
    assert page["Referrer-Policy"] == "same-origin"


def broken(token: str, at: int) -> str:
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]


def wrong_links(person: Participant) -> dict[str, str]:
    token = token_of(person)
    gone = ParticipantFactory(project=person.project, status="left")
    erased = ParticipantFactory(project=person.project, status="erased")
    closed = MembershipFactory(cohort__project=ProjectFactory(status="closed")).participant
    revoked = links.token("my-upgrade", person.public_id, person.link_generation + 1)
    foreign = links.token("survey", person.public_id, person.link_generation)
    return {
        "nonsense": "/me/nonsense/",
        "altered id": f"/me/{broken(token, 3)}/",
        "altered generation": f"/me/{broken(token, 24)}/",
        "altered signature": f"/me/{broken(token, 40)}/",
        "cut": f"/me/{token[:-1]}/",
        "another generation": f"/me/{revoked}/",
        "of a survey": f"/me/{foreign}/",
        "left": link_of(gone),
        "erased": link_of(erased),
        "closed project": link_of(closed),
        "no cookie": HOME,
        "no cookie, deeper": f"{HOME}date/",
        "no cookie, calendar": f"{HOME}switch.ics",
        "no cookie, survey": f"{HOME}surveys/1/",
    }


def test_every_wrong_link_shows_the_same_calm_page(person: Participant) -> None:
    answers = {name: Client().get(path) for name, path in wrong_links(person).items()}
    assert {answer.status_code for answer in answers.values()} == {404}
    assert len({answer.content for answer in answers.values()}) == 1
    assert [answer.cookies for answer in answers.values() if answer.cookies] == []
    assert "This link does not open a page" in answers["cut"].text


def test_revoked_link_opens_nothing_any_more(client: Client, person: Participant) -> None:
    old = link_of(person)
    revoke_links(participant=person, acting_user=person.project.created_by)
    calm = Client().get("/me/nonsense/").content
    answers = [Client().get(old), *(client.get(HOME + path) for path in PAGES)]
    assert {(answer.status_code, answer.content == calm) for answer in answers} == {(404, True)}
    assert client.post(f"{HOME}problem/", {"text": "x"}).status_code == 404
    assert visitor(person).get(HOME).status_code == 200


@pytest.mark.parametrize("change", [{"status": "left"}, {"status": "erased"}])
def test_who_has_left_is_sent_away(
    client: Client, person: Participant, change: dict[str, str]
) -> None:
    assert client.get(HOME).status_code == 200
    Participant.objects.filter(pk=person.pk).update(**change)
    assert client.get(HOME).status_code == 404


def test_visit_ends_with_its_cookie(client: Client, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(days=29))
    assert client.get(HOME).status_code == 200
    clock.shift(timedelta(days=2))
    assert client.get(HOME).status_code == 404


def test_forged_cookie_opens_nothing(person: Participant) -> None:
    client = Client()
    client.cookies["my-upgrade"] = f"{person.public_id.hex}.1.0:1abcde:xyz"
    assert client.get(HOME).status_code == 404


def test_only_unknown_links_count_against_an_address(
    person: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNKNOWN_ALLOWED", 3)
    client = Client()
    for _ in range(5):
        assert client.get(link_of(person)).status_code == 302
    assert [client.get("/me/wrong/").status_code for _ in range(4)] == [404, 404, 404, 429]
    assert client.get(link_of(person)).status_code == 302


def test_reading_changes_nothing(client: Client, person: Participant, second: Cohort) -> None:
    ask_deferral(participant=person, reason="At sea.", acting_user=None, at=AT)
    invitation = InvitationFactory(
        survey=SurveyFactory(cohort=person.memberships.get().cohort), participant=person
    )
    before = contents()
    paths = [*PAGES, "switch.ics", f"surveys/{invitation.survey_id}/"]
    statuses = {
        (path, method): getattr(client, method)(path).status_code
        for path in [link_of(person), *(HOME + path for path in paths)]
        for method in ("get", "head")
    }
    assert set(statuses.values()) == {200, 302}
    assert contents() == before


def test_token_is_in_no_line_of_the_log(person: Participant) -> None:
    root, stream = logging.getLogger(), io.StringIO()
    formatter = next(
        handler.formatter
        for handler in root.handlers
        if type(handler.formatter).__module__.startswith("structlog")
    )
    handler, level = logging.StreamHandler(stream), root.level
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    token = token_of(person)
    try:
        client = visitor(person)
        client.get(HOME, HTTP_REFERER=f"https://example.org/me/{token}/")
        client.get(f"/me/{token[:-1]}/")
        logging.getLogger("django.server").info('"GET /me/%s/ HTTP/1.1" 302', token)
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    lines = stream.getvalue()
    assert "/me/***/" in lines
    assert token[:20] not in lines
    assert client.cookies["my-upgrade"].value[:32] not in lines


# ---- what the page says


def test_page_says_when_with_whom_and_what_changes(client: Client) -> None:
    text = client.get(HOME).text
    wanted = [
        "You switch to Teams only on 1 June",
        "Hello Jonas,",
        "Tuesday 1 June 2027, 18:00",
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
    assert "Wednesday 2 June 2027, 01:00" in text
    assert "in 23 days · Asia/Tokyo" in text
    assert "That is Tuesday 1 June, 18:00 in Europe/Berlin." in text
    Participant.objects.filter(pk=person.pk).update(timezone="Europe/London")
    assert "That is 18:00 in Europe/Berlin." in client.get(HOME).text
    for same in ("Europe/Paris", "No/Where", ""):
        Participant.objects.filter(pk=person.pk).update(timezone=same)
        text = client.get(HOME).text
        assert "Tuesday 1 June 2027, 18:00" in text
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
    assert b"DTSTART;TZID=Europe/Berlin:20270601T180000" in response.content


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
    draft_survey(first, key="d", title="Coming one", opens_on=date(2027, 6, 8))
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
            switch_on=date(2027, 7, 1),
            ends_on=date(2027, 7, 9),
        )
    with django_assert_num_queries(8):
        assert client.get(HOME).status_code == 200


# ---- what the page lets people do


def test_choosing_a_date_takes_two_steps(
    client: Client, person: Participant, second: Cohort
) -> None:
    assert "Choose another date" in client.get(HOME).text
    before = contents()
    first_step = post(client, "date/", cohort=second.pk)
    assert first_step.status_code == 200
    assert "Tuesday 15 June 2027 at 18:00 (Europe/Berlin), with “Wave 2”" in first_step.text
    assert contents() == before
    second_step = post(client, "date/", cohort=second.pk, sure="on")
    assert (second_step.status_code, second_step["Location"]) == (302, HOME)
    row = Membership.objects.get()
    assert (row.cohort, row.placed_by) == (second, "choice")
    text = client.get(HOME).text
    assert "You have a new date." in text
    assert "You switch to Teams only on 15 June" in text


def test_second_step_carries_what_the_first_one_said(client: Client, second: Cohort) -> None:
    text = post(client, "date/", cohort=second.pk).text
    assert f'name="cohort" value="{second.pk}"' in text
    assert 'name="sure" value="on"' in text


def test_choosing_twice_moves_once(client: Client, second: Cohort) -> None:
    data = {"visit": mark(client), "cohort": second.pk, "sure": "on"}
    assert client.post(f"{HOME}date/", data).status_code == 302
    assert client.post(f"{HOME}date/", data).status_code == 422
    assert Event.objects.filter(verb="cohort.chosen").count() == 1


def test_full_cohort_is_told_in_words_for_people(client: Client, second: Cohort) -> None:
    data = {"visit": mark(client), "cohort": second.pk, "sure": "on"}
    Cohort.objects.filter(pk=second.pk).update(capacity=1)
    MembershipFactory(cohort=second)
    response = client.post(f"{HOME}date/", data)
    assert response.status_code == 422
    assert "This date is no longer open." in response.text
    assert Membership.objects.filter(cohort=second).count() == 1


@pytest.mark.parametrize("cohort", ["", "0", "x", "9" * 30])
def test_date_that_is_not_offered_is_refused(client: Client, second: Cohort, cohort: str) -> None:
    assert post(client, "date/", cohort=cohort, sure="on").status_code == 422
    assert Membership.objects.get(participant__display_name__contains="Jonas").cohort != second


def test_asking_for_a_later_date(client: Client, person: Participant, second: Cohort) -> None:
    assert "Would one of these suit you?" in client.get(f"{HOME}later/").text
    response = post(client, "later/", reason="At sea.", until="2027-06-30", to_cohort=second.pk)
    assert response.status_code == 302
    stored = Deferral.objects.get()
    assert (stored.participant, stored.reason, stored.to_cohort, stored.asked_by) == (
        person,
        "At sea.",
        second,
        None,
    )
    text = client.get(HOME).text
    assert "You asked for a later date on 10 May 2027." in text
    assert "At sea." not in text
    assert "You have asked already" in client.get(f"{HOME}later/").text
    again = post(client, "later/", reason="Still at sea.")
    assert (again.status_code, Deferral.objects.count()) == (409, 1)
    assert "waits for an answer" in again.text


def test_withdrawing_takes_two_steps(client: Client, person: Participant) -> None:
    ask_deferral(participant=person, reason="At sea.", acting_user=None, at=AT)
    assert "would be withdrawn" in client.get(f"{HOME}later/withdraw/").text
    assert Deferral.objects.get().status == "asked"
    assert post(client, "later/withdraw/").status_code == 302
    assert Deferral.objects.get().status == "withdrawn"
    assert post(client, "later/withdraw/").status_code == 302
    assert client.get(f"{HOME}later/withdraw/").status_code == 302


def test_answer_stands_on_the_page(
    client: Client, person: Participant, second: Cohort, manager: User
) -> None:
    ask = {"participant": person, "reason": "At sea.", "acting_user": None, "at": AT}
    refuse_deferral(deferral=ask_deferral(**ask), note="Sorry.", acting_user=manager, at=AT)
    text = client.get(HOME).text
    assert "could not be met" in text
    assert "Sorry." in text
    approve_deferral(
        deferral=ask_deferral(**ask),
        to_cohort=second,
        until=date(2027, 7, 1),
        note="Safe journey.",
        acting_user=manager,
        at=AT,
    )
    text = client.get(HOME).text
    assert "this is your new date" in text
    assert "Safe journey." in text
    assert "Sorry." not in text


def test_reporting_a_problem(client: Client, person: Participant, manager: User) -> None:
    response = post(client, "problem/", text="No sound.", is_blocking="on")
    assert response.status_code == 302
    stored = Problem.objects.get()
    assert (stored.text, stored.is_blocking, stored.reported_by) == ("No sound.", True, None)
    text = client.get(HOME).text
    assert "Reported on 10 May 2027." in text
    assert "No sound." not in text
    again = post(client, "problem/", text="No sound.")
    assert (again.status_code, Problem.objects.count()) == (409, 1)
    solve_problem(problem=stored, note="New headset.", acting_user=manager, at=AT)
    assert "New headset." in client.get(HOME).text


def test_champion_signs_up_in_two_steps(client: Client, person: Participant) -> None:
    page = client.get(f"{HOME}champion/").text
    assert 'name="wish" value="yes"' in page
    for _ in range(2):  # pressed twice is still one wish
        assert post(client, "champion/", wish="yes").status_code == 302
        assert Participant.objects.get(pk=person.pk).champion_since == AT
    assert "You are a champion." in client.get(HOME).text
    assert 'name="wish" value="no"' in client.get(f"{HOME}champion/").text
    post(client, "champion/", wish="no")
    assert Participant.objects.get(pk=person.pk).champion_since is None


def test_form_shown_to_one_person_is_not_sent_as_another(
    client: Client, person: Participant, first: Cohort
) -> None:
    shown = mark(client)
    client.get(link_of(MembershipFactory(cohort=first).participant))
    response = client.post(f"{HOME}problem/", {"visit": shown, "text": "No sound."})
    assert response.status_code == 409
    assert "Nothing was sent" in response.text
    assert Problem.objects.count() == 0


@pytest.mark.parametrize("path", PAGES[1:])
def test_nothing_is_written_without_the_mark_of_the_form(client: Client, path: str) -> None:
    before = contents()
    for data in ({}, {"visit": "x"}, {"visit": "\0"}):
        assert client.post(HOME + path, data).status_code in (400, 409)
    assert contents() == before


def test_post_without_a_csrf_token_is_refused(person: Participant) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(link_of(person))
    data = {"visit": mark(client), "text": "No sound."}
    assert client.post(f"{HOME}problem/", data).status_code == 403
    data["csrfmiddlewaretoken"] = client.cookies["csrftoken"].value
    assert client.post(f"{HOME}problem/", data).status_code == 302


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("later/", {"reason": "\0"}),
        ("later/", {"reason": "x", "until": "yesterday"}),
        ("later/", {"reason": "x", "until": "2027-01-01"}),
        ("later/", {"reason": "x" * 2001}),
        ("later/", {"reason": "x", "to_cohort": "7\0"}),
        ("problem/", {"text": " "}),
        ("problem/", {"text": "a\0b"}),
        ("champion/", {"wish": "perhaps\0"}),
    ],
)
def test_garbage_is_refused(
    client: Client, second: Cohort, path: str, data: dict[str, str]
) -> None:
    before = contents()
    assert post(client, path, **data).status_code in (200, 400, 422)
    assert contents() == before


def test_hostile_texts_are_shown_as_they_are(
    client: Client, project: Project, person: Participant
) -> None:
    Cohort.objects.update(name="<b>W</b>")
    Participant.objects.update(display_name="<script>x</script>")
    text = client.get(HOME).text
    assert [bad for bad in ("<b>W</b>", "<script>x") if bad in text] == []
    assert "&lt;b&gt;W&lt;/b&gt;" in text


# ---- the team looks at it


def test_team_sees_the_page_without_its_buttons(
    person: Participant, viewer: User, stranger: User, as_user: Callable[[User], Client]
) -> None:
    path = f"/projects/{person.project.slug}/people/{person.pk}/my-upgrade/"
    text = as_user(viewer).get(path).text
    assert "Tuesday 1 June 2027, 18:00" in text
    assert [href for href in re.findall(r'href="([^"]+)"', text) if href.startswith(HOME)] == []
    assert as_user(stranger).get(path).status_code == 404
    Participant.objects.update(status="left")
    assert as_user(viewer).get(path).status_code == 404
