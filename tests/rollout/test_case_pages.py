"""The team's pages of deferrals, problems and links."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from cohorts.models import Cohort, Deferral, Membership, Participant, Problem
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory

AT = datetime(2038, 5, 10, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def first(project: Project) -> Cohort:
    return CohortFactory(project=project, name="Wave 1")


@pytest.fixture
def second(project: Project) -> Cohort:
    later = {"switch_on": date(2038, 6, 15), "ends_on": date(2038, 6, 30)}
    return CohortFactory(project=project, name="Wave 2", **later)


@pytest.fixture
def person(first: Cohort) -> Participant:
    return MembershipFactory(cohort=first, participant__display_name="Jonas <b>").participant


@pytest.fixture
def client(manager: User, as_user: Callable[[User], Client]) -> Client:
    return as_user(manager)


@pytest.fixture
def asked(person: Participant, first: Cohort, second: Cohort) -> Deferral:
    return Deferral.objects.create(
        participant=person, from_cohort=first, to_cohort=second, reason="At <i>sea</i>."
    )


def url(project: Project, rest: str) -> str:
    return f"/projects/{project.slug}/{rest}"


def test_list_shows_who_waits_and_keeps_its_filter(
    client: Client, project: Project, asked: Deferral, first: Cohort
) -> None:
    text = client.get(url(project, "deferrals/")).text
    wanted = ["1 person waits", "Jonas &lt;b&gt;", "At &lt;i&gt;sea", "by the person"]
    assert [words for words in wanted if words not in text] == []
    assert url(project, f"deferrals/{asked.pk}/") in text
    other = client.get(url(project, "deferrals/"), {"status": "refused", "cohort": first.pk}).text
    assert "None matches" in other
    assert "At &lt;i&gt;sea" not in other


@pytest.mark.parametrize("what", ["deferrals/", "problems/"])
@pytest.mark.parametrize("query", ["status=x", "cohort=x", "after=x", "after=-1", "cohort=%00"])
def test_nonsense_in_the_address_is_refused(
    client: Client, project: Project, what: str, query: str
) -> None:
    assert client.get(url(project, f"{what}?{query}")).status_code in (400, 422)


@pytest.mark.parametrize("what", ["deferrals/", "problems/"])
def test_cohort_of_another_project_is_not_found(
    client: Client, project: Project, what: str
) -> None:
    assert client.get(url(project, f"{what}?cohort={CohortFactory().pk}")).status_code == 404


@pytest.mark.parametrize("number", [1, 60])
def test_lists_take_a_fixed_number_of_queries(
    client: Client,
    project: Project,
    first: Cohort,
    number: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number):
        one = MembershipFactory(cohort=first).participant
        Deferral.objects.create(participant=one, from_cohort=first, reason="r")
        Problem.objects.create(participant=one, cohort=first, text="p")
    for what in ("deferrals/", "problems/"):
        with django_assert_max_num_queries(8):
            text = client.get(url(project, what)).text
        assert ('rel="next"' in text) == (number > 50)


def test_manager_approves_the_wish(
    client: Client, project: Project, asked: Deferral, second: Cohort
) -> None:
    path = url(project, f"deferrals/{asked.pk}/")
    assert f'value="{second.pk}" selected' in client.get(path).text
    data = {"decision": "approve", "to_cohort": second.pk, "until": "2038-06-30", "note": "Fine."}
    assert client.post(path, data).status_code == 302
    assert Membership.objects.get().cohort == second
    asked.refresh_from_db()
    assert (asked.status, asked.note) == ("approved", "Fine.")
    assert client.post(path, data).status_code == 409


def test_approval_needs_cohort_and_end(client: Client, project: Project, asked: Deferral) -> None:
    path = url(project, f"deferrals/{asked.pk}/")
    response = client.post(path, {"decision": "approve"})
    assert response.status_code == 422
    assert response.text.count("An approval needs this.") >= 2


def test_full_cohort_is_told(
    client: Client, project: Project, asked: Deferral, second: Cohort
) -> None:
    MembershipFactory(cohort=second)
    Cohort.objects.filter(pk=second.pk).update(capacity=1)
    data = {"decision": "approve", "to_cohort": second.pk, "until": "2038-06-30"}
    response = client.post(url(project, f"deferrals/{asked.pk}/"), data)
    assert response.status_code == 409
    assert "1 places" in response.text
    asked.refresh_from_db()
    assert asked.status == "asked"


def test_manager_refuses_with_a_note(client: Client, project: Project, asked: Deferral) -> None:
    path = url(project, f"deferrals/{asked.pk}/")
    assert client.post(path, {"decision": "refuse"}).status_code == 422
    assert client.post(path, {"decision": "refuse", "note": "No."}).status_code == 302
    asked.refresh_from_db()
    assert asked.status == "refused"
    assert "No." in client.get(path).text


def test_manager_enters_a_deferral(
    client: Client, project: Project, person: Participant, second: Cohort
) -> None:
    path = url(project, f"people/{person.pk}/deferral/")
    assert client.get(path).status_code == 200
    data = {"reason": "Rang us.", "to_cohort": second.pk, "until": "2038-06-30"}
    assert client.post(path, data).status_code == 302
    assert Membership.objects.get().cohort == second
    assert Deferral.objects.get().status == "approved"


def test_problem_is_taken_down_solved_and_opened_again(
    client: Client, project: Project, person: Participant
) -> None:
    path = url(project, f"people/{person.pk}/problem/")
    response = client.post(path, {"text": "No <u>sound</u>.", "is_blocking": "on"})
    problem = Problem.objects.get()
    detail = url(project, f"problems/{problem.pk}/")
    assert (response.status_code, response["Location"]) == (302, detail)
    assert "No &lt;u&gt;sound" in client.get(detail).text
    assert client.post(path, {"text": "No <u>sound</u>."}).status_code == 409
    assert client.post(f"{detail}weigh/", {"is_blocking": "no"}).status_code == 302
    assert client.post(f"{detail}weigh/", {"is_blocking": "perhaps"}).status_code == 422
    assert client.post(detail, {"note": "New headset."}).status_code == 302
    assert client.post(detail, {"note": "Again."}).status_code == 409
    problem.refresh_from_db()
    assert (problem.status, problem.note, problem.is_blocking) == ("solved", "New headset.", False)
    assert client.post(f"{detail}reopen/").status_code == 302
    assert client.post(f"{detail}reopen/").status_code == 409
    assert "New headset." in client.get(detail).text


def test_links_are_revoked_after_a_page_that_says_so(
    client: Client, project: Project, person: Participant
) -> None:
    path = url(project, f"people/{person.pk}/links/")
    assert "open nothing any more" in client.get(path).text
    assert Participant.objects.get(pk=person.pk).link_generation == 1
    assert client.post(path).status_code == 302
    assert Participant.objects.get(pk=person.pk).link_generation == 2


def test_cohorts_page_says_who_asks_and_what_blocks(
    client: Client, project: Project, asked: Deferral, first: Cohort, second: Cohort
) -> None:
    page = url(project, f"cohorts/{first.pk}/")
    person = asked.participant
    Problem.objects.create(participant=person, cohort=first, text="No sound.", is_blocking=True)
    Membership.objects.create(
        participant=MembershipFactory(cohort__project=project, cohort__kind="pilot").participant,
        cohort=second,
        kind="wave",
        deferred_from=first,
    )
    text = client.get(page).text
    wanted = (
        "1 person asks for a later date",
        "1 problem blocks a switch",
        "1 person was deferred",
    )
    assert [words for words in wanted if words not in text] == []
    links = re.findall(r'href="([^"]+cohort=\d+)"', text.replace("&amp;", "&"))
    shown = [link for link in links if "/deferrals/" in link or "/problems/" in link]
    assert len(shown) == 3
    assert {client.get(link).status_code for link in shown} == {200}
    assert "Requests and problems" not in client.get(url(project, f"cohorts/{second.pk}/")).text
