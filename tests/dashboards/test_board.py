"""The cohort board: every figure is that of the people behind it, and opens them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cohorts.enums import CohortKind
from cohorts.models import Cohort
from cohorts.progress import Progress
from cohorts.queries.people import PeopleFilter, matching
from dashboards.queries.board import BoardFilter, board
from dashboards.rows import board_table, progress_of
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import DeliveryFactory, OccurrenceFactory
from tests.factories.projects import ProjectFactory

pytestmark = pytest.mark.django_db
AT = datetime(2038, 6, 1, 16, tzinfo=UTC)


@pytest.fixture
def wave(project: Project) -> Cohort:
    """Two people at each place, and one who has left."""
    other = CohortFactory(project=project, name="Other", position=9, switch_on=date(2038, 5, 1))
    wave = CohortFactory(project=project, name="Harbour", position=1)
    reached: list[dict[str, Any]] = [
        {},
        {},
        {"deferred_from": other},
        {"deferred_from": other, "blocked_since": AT},
        {"switched_at": AT, "deferred_from": other, "blocked_since": AT},
        {"mode_state": "verified", "switched_at": AT, "deferred_from": other},
    ]
    mail = OccurrenceFactory(message__project=project, cohort=wave)
    for place, values in enumerate(reached):
        for _n in range(2):
            member = MembershipFactory(cohort=wave, **values)
            if place:
                DeliveryFactory(occurrence=mail, participant=member.participant, state="sent")
    MembershipFactory(cohort=wave, participant__status="left", switched_at=AT)
    return wave


def test_each_person_stands_in_one_place(project: Project, wave: Cohort) -> None:
    (group,) = board([project], BoardFilter()).groups
    row = group.rows[0]
    places = {one.key: one.people for one in progress_of(row.counts)}
    assert places == dict.fromkeys(Progress, 2)
    assert row.counts.people == 12
    for place in Progress:
        people = matching(project, PeopleFilter(cohort=wave, progress=place))
        assert people.count() == places[place], place


def test_board_shows_the_readers_projects_alone(
    project: Project, wave: Cohort, as_user: Any, manager: User, stranger: User
) -> None:
    assert b"Harbour" in as_user(manager).get(reverse("dashboards:cohort_board")).content
    foreign = as_user(stranger).get(reverse("dashboards:cohort_board"))
    assert b"Harbour" not in foreign.content
    assert project.name.encode() not in foreign.content
    asked = as_user(stranger).get(reverse("dashboards:cohort_board"), {"project": project.slug})
    assert asked.status_code == 422
    assert b"Harbour" not in asked.content


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Harbour", "Other"]),
        ({"month": "2038-05"}, ["Other"]),
        ({"kind": "pilot"}, []),
        ({"status": "planned", "month": "2038-06"}, ["Harbour"]),
    ],
)
def test_board_is_filtered_by_its_address(
    project: Project,
    wave: Cohort,
    as_user: Any,
    manager: User,
    query: dict[str, str],
    names: list[str],
) -> None:
    page = as_user(manager).get(reverse("dashboards:cohort_board"), query)
    lines = [line.cohort.name for part in page.context["table"].parts for line in part.lines]
    assert lines == names
    table = as_user(manager).get(reverse("dashboards:cohort_board_export", args=["csv"]), query)
    text = b"".join(table.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in text[1:]] == names


@pytest.mark.parametrize("bad", ["\x00", "2038-13", "nobody", "9" * 400])
@pytest.mark.parametrize("name", ["project", "kind", "status", "month"])
def test_garbage_in_the_address_is_refused_in_words(
    project: Project, as_user: Any, manager: User, name: str, bad: str
) -> None:
    client: Client = as_user(manager)
    for address in (
        reverse("dashboards:cohort_board"),
        reverse("dashboards:cohort_board_export", args=["xlsx"]),
    ):
        assert client.get(address, {name: bad}).status_code in (400, 422)


def test_rows_of_the_table_are_those_of_the_page(
    project: Project, wave: Cohort, as_user: Any, manager: User
) -> None:
    address = reverse("dashboards:project_board_export", args=[project.slug, "csv"])
    lines = b"".join(as_user(manager).get(address).streaming_content).decode("utf-8-sig")
    assert lines.splitlines()[1].endswith(",2038-06-01,12,2,2,2,2,2,2,6")


def test_board_asks_three_queries_for_one_project_and_for_twenty(
    project: Project, wave: Cohort, django_assert_num_queries: Any
) -> None:
    projects = [project]
    for number in (1, 20):
        for other in ProjectFactory.create_batch(number - 1):
            MembershipFactory(cohort=CohortFactory(project=other, kind=CohortKind.PILOT))
            projects.append(other)
        with django_assert_num_queries(3):
            table = board_table(board(projects, BoardFilter()))
        assert len(table.parts) == number
    assert table.total.people == 12 + 19
