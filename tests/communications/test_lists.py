"""The calendar and the whole list of messages: what stands there, and how it is found."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from communications.enums import DeliveryState, OccurrenceState
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import DeliveryFactory, OccurrenceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def wave(project: Project):
    return CohortFactory(project=project, name="Wave 1")


@pytest.fixture
def client(as_user, manager) -> Client:
    return as_user(manager)


def url(name: str, *args: object) -> str:
    return reverse(f"communications:{name}", args=args)


def test_board_shows_weeks_running_and_what_waits(client: Client, project: Project, wave) -> None:
    soon = now() + timedelta(hours=1)
    for title, changes in {
        "Soon": {"due_at": soon},
        "Running": {"due_at": soon, "state": OccurrenceState.SENDING},
        "Missed": {"due_at": soon - timedelta(days=40), "state": OccurrenceState.MISSED},
        "Dayless": {"due_at": None, "wall_at": None},
        "Long gone": {"due_at": soon - timedelta(days=40), "state": OccurrenceState.DONE},
        "Far off": {"due_at": soon + timedelta(days=90)},
    }.items():
        OccurrenceFactory(message__project=project, message__title=title, cohort=wave, **changes)
    response = client.get(url("message_list", project.slug))
    board = response.context["board"]
    assert response.status_code == 200
    shown = {
        name: [line.occurrence.message.title for line in getattr(board, name)]
        for name in ("coming", "running", "decide", "waiting")
    }
    assert shown == {
        "coming": ["Soon", "Running"],
        "running": ["Running"],
        "decide": ["Missed"],
        "waiting": ["Dayless"],
    }
    entries = [e.title for week in board.calendar.weeks for day in week.days for e in day.entries]
    assert entries == ["Soon", "Running"]


def test_board_counts_people_by_kind_of_audience(client: Client, project: Project, wave) -> None:
    for _ in range(2):
        MembershipFactory(cohort=wave)
    MembershipFactory(cohort=wave, participant__upn="", participant__key="nobody")
    sent = OccurrenceFactory(message__project=project, cohort=wave, state=OccurrenceState.DONE)
    DeliveryFactory(occurrence=sent, state=DeliveryState.SENT)
    for kind, cohort, params in (
        ("cohort", wave, {}),
        ("everyone", None, {}),
        ("stakeholders", None, {}),
        ("it_staff", None, {"roles": ["IT"]}),
        ("cohort", None, {}),
    ):
        OccurrenceFactory(
            message__project=project,
            message__audience_kind=kind,
            message__audience_params=params,
            cohort=cohort,
        )
    project.stakeholders.filter(access="viewer").update(role_codes=["IT"])
    response = client.get(url("message_list", project.slug), {"start": "2038-05-24"})
    assert [(line.people, line.is_at_most) for line in response.context["board"].coming] == [
        (1, False),
        (2, False),
        (3, False),
        (3, False),
        (1, False),
        (0, False),
    ]


@pytest.mark.parametrize("start", ["yesterday", "2038-13-01", "99999-01-01"])
def test_board_refuses_a_day_that_is_none(client: Client, project: Project, start: str) -> None:
    response = client.get(url("message_list", project.slug), {"start": start})
    assert response.status_code == 422


@pytest.mark.parametrize("start", ["0001-01-01", "9999-12-31"])
def test_board_stays_inside_the_calendar(client: Client, project: Project, start: str) -> None:
    assert client.get(url("message_list", project.slug), {"start": start}).status_code == 200


def test_board_of_an_empty_project_says_what_to_do(client: Client, project: Project) -> None:
    response = client.get(url("message_list", project.slug))
    assert "They come with the playbook" in response.content.decode()


# ---- the whole list


def test_list_is_paged_by_key_and_ends_with_the_dayless(
    client: Client, project: Project, wave, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("communications.queries.messages.PAGE", 2)
    monkeypatch.setattr("communications.views.index.PAGE", 2)
    due = [datetime(2038, 5, day, 7, tzinfo=UTC) for day in (3, 3, 1)]
    made = [
        OccurrenceFactory(message__project=project, cohort=wave, due_at=at, wall_at=None)
        for at in (*due, None, None)
    ]
    seen: list[int] = []
    address = url("occurrence_list", project.slug)
    query = ""
    for _ in range(3):
        response = client.get(address + query)
        seen += [line.occurrence.pk for line in response.context["lines"]]
        query = response.context["next_url"]
    assert seen == [made[n].pk for n in (2, 0, 1, 3, 4)]
    assert query == ""


def test_list_filters_by_state_and_cohort(client: Client, project: Project, wave) -> None:
    hit = OccurrenceFactory(message__project=project, cohort=wave, state=OccurrenceState.MISSED)
    OccurrenceFactory(message__project=project, cohort=wave)
    OccurrenceFactory(message__project=project, state=OccurrenceState.MISSED)
    response = client.get(
        url("occurrence_list", project.slug), {"state": "missed", "cohort": wave.pk}
    )
    assert [line.occurrence for line in response.context["lines"]] == [hit]


@pytest.mark.parametrize(
    "query",
    ["state=nonsense", "cohort=abc", "cohort=999999", "after=x", "after=2038~1", "after=~"],
)
def test_list_refuses_filters_that_do_not_exist(
    client: Client, project: Project, query: str
) -> None:
    response = client.get(f"{url('occurrence_list', project.slug)}?{query}")
    assert response.status_code == 422


def test_list_refuses_the_cohort_of_another_project(
    client: Client, project: Project, foreign_project: Project
) -> None:
    theirs = CohortFactory(project=foreign_project)
    response = client.get(url("occurrence_list", project.slug), {"cohort": theirs.pk})
    assert response.status_code == 422
