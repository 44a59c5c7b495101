"""Home, project home and timeline: who sees what, and the same queries whatever the size."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from accounts.models import User
from cohorts.models import Cohort
from communications.models import Message, Occurrence
from dashboards.queries.projects import approvals_of, projects_of, steps_of
from playbooks.library import get_playbook
from projects.enums import AccessRole
from projects.models import FreezeWindow, Project, Stakeholder, Step
from projects.services.projects import change_project_status
from projects.services.steps import change_step_status
from tests.factories.people import UserFactory
from tests.factories.projects import StakeholderFactory
from tests.rollout.whole import AT, add_people, ask, send, whole_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("march")]
AsUser = Callable[[User | None], Client]
Queries = Callable[[int], object]
TODAY = AT.date()
HOME, PROJECT_HOME, TIMELINE = 5, 25, 12


def fill(project: Project, people: int) -> None:
    """People told, asked and answering in the pilot, told in the first wave."""
    for cohort in project.cohorts.order_by("position")[:2]:
        members = add_people(cohort, people)
        mail = cohort.occurrences.filter(message__anchor="cohort_switch").order_by("pk")[0]
        send(mail, members)
        if cohort.kind == "pilot":
            ask(cohort.surveys.get(), members, answered=people, **{"as-good": 5})


# ---- /


def test_home_lists_my_projects_with_their_progress(
    as_user: AsUser, manager: User, stranger: User
) -> None:
    project = whole_project(manager)
    whole_project(stranger, name="Not mine")
    add_people(project.cohorts.get(name="Wave 1"), 1)
    step = project.steps.order_by("position")[0]
    change_step_status(step=step, status="done", acting_user=manager)
    overdue = project.steps.filter(ends_on__lt=TODAY).exclude(pk=step.pk).count()

    (row,) = projects_of(manager, TODAY)

    pilot = project.cohorts.get(kind="pilot")
    assert (
        row.pk,
        row.step_total,
        row.step_done,
        row.step_overdue,
        row.next_cohort,
        row.next_switch_on,
    ) == (project.pk, 32, 1, overdue, "Pilot", pilot.switch_on)
    page = as_user(manager).get("/").content.decode()
    assert project.name in page
    assert "Not mine" not in page


def test_administrator_sees_all_projects(admin: User, manager: User, stranger: User) -> None:
    made = {whole_project(manager).pk, whole_project(stranger, name="Another").pk}
    assert {project.pk for project in projects_of(admin, TODAY)} >= made


def test_home_of_somebody_without_projects_says_what_to_do(as_user: AsUser) -> None:
    response = as_user(UserFactory()).get("/")
    assert response.status_code == 200
    assert "No project yet" in response.content.decode()


def test_steps_that_wait_are_mine_open_and_soon(upgrade: Project, manager: User) -> None:
    mine = Stakeholder.objects.get(project=upgrade, user=manager)
    other = StakeholderFactory(project=upgrade)
    steps = list(upgrade.steps.order_by("position")[:6])
    ends = (-1, 6, 7, -1, -1, -1)
    owners = (mine, mine, mine, other, None, mine)
    Step.objects.filter(project=upgrade).update(owner=None)
    for step, end, owner in zip(steps, ends, owners, strict=True):
        ends_on = TODAY + timedelta(days=end)
        Step.objects.filter(pk=step.pk).update(starts_on=ends_on, ends_on=ends_on, owner=owner)
    Step.objects.filter(pk=steps[5].pk).update(status="skipped")
    assert [step.pk for step in steps_of(manager, TODAY)] == [steps[0].pk, steps[1].pk]

    change_project_status(project=upgrade, status="paused", acting_user=manager)
    assert list(steps_of(manager, TODAY)) == []


def test_approvals_that_wait_are_those_i_may_give(
    upgrade: Project, manager: User, contributor: User, viewer: User
) -> None:
    Occurrence.objects.filter(project=upgrade).update(due_at=AT + timedelta(days=30))
    soon = Occurrence.objects.filter(project=upgrade).order_by("pk")[0]
    Occurrence.objects.filter(pk=soon.pk).update(due_at=AT + timedelta(days=6))
    assert [row.pk for row in approvals_of(manager, AT)] == [soon.pk]
    assert [list(approvals_of(user, AT)) for user in (contributor, viewer)] == [[], []]


def test_what_was_missed_waits_with_them(
    upgrade: Project, manager: User, viewer: User, as_user: AsUser
) -> None:
    Occurrence.objects.filter(project=upgrade).update(due_at=AT + timedelta(days=30))
    mail, poster, due_poster = Occurrence.objects.filter(project=upgrade).order_by("message")[:3]
    Message.objects.filter(pk__in=(poster.message_id, due_poster.message_id)).update(
        channel="poster"
    )
    late = AT - timedelta(days=9)
    Occurrence.objects.filter(pk=due_poster.pk).update(due_at=late)
    for row in (mail, poster):
        Occurrence.objects.filter(pk=row.pk).update(due_at=late, state="missed")
    assert [row.pk for row in approvals_of(manager, AT)] == [mail.pk, poster.pk]
    assert list(approvals_of(viewer, AT)) == []
    page = as_user(manager).get("/").content.decode()
    assert page.count("Decide: ") == 2


def test_home_asks_the_same_for_one_and_three_projects(
    as_user: AsUser, manager: User, django_assert_num_queries: Queries
) -> None:
    client = as_user(manager)
    fill(whole_project(manager), 1)
    client.get("/")
    with django_assert_num_queries(HOME):
        client.get("/")
    for name in ("Second", "Third"):
        fill(whole_project(manager, name=name), 3)
    with django_assert_num_queries(HOME):
        page = client.get("/").content.decode()
    assert "Third" in page


# ---- a project's first page


def url(project: Project, end: str = "") -> str:
    return f"/projects/{project.slug}/{end}"


def test_project_home_asks_the_same_for_one_and_a_thousand(
    as_user: AsUser, manager: User, upgrade: Project, django_assert_num_queries: Queries
) -> None:
    client = as_user(manager)
    fill(upgrade, 1)
    client.get(url(upgrade))
    with django_assert_num_queries(PROJECT_HOME):
        client.get(url(upgrade))
    fill_more(upgrade, 1000)
    with django_assert_num_queries(PROJECT_HOME):
        page = client.get(url(upgrade)).content.decode()
    assert "1,001" in page


def fill_more(project: Project, people: int) -> None:
    for cohort in project.cohorts.order_by("position")[:2]:
        mail = cohort.occurrences.filter(message__anchor="cohort_switch").order_by("pk")[1]
        send(mail, add_people(cohort, people))


def test_project_home_asks_the_same_for_more_of_everything(
    as_user: AsUser, manager: User, upgrade: Project, django_assert_num_queries: Queries
) -> None:
    """Every list of the page has more rows: attention of each kind, going out, done, cohorts."""
    client = as_user(manager)
    fill(upgrade, 1)
    client.get(url(upgrade))
    wave = upgrade.cohorts.get(name="Wave 2")
    people = add_people(wave, 3)
    mails = list(wave.occurrences.filter(message__anchor="cohort_switch"))
    for mail, state in zip(mails, ("failed", "uncertain", "quarantined"), strict=False):
        send(mail, people, state=state)
    Occurrence.objects.filter(project=upgrade).update(due_at=AT + timedelta(days=3))
    Cohort.objects.filter(project=upgrade).update(switch_on=TODAY - timedelta(days=1))
    upgrade.surveys.filter(status="draft").update(opens_on=TODAY)
    Step.objects.filter(project=upgrade).update(
        starts_on=TODAY - timedelta(days=9), ends_on=TODAY - timedelta(days=1)
    )
    for step in upgrade.steps.order_by("position")[:3]:
        change_step_status(step=step, status="done", acting_user=manager)
    with django_assert_num_queries(PROJECT_HOME):
        page = client.get(url(upgrade)).content.decode()
    assert page.count("should have been switched") >= 3
    assert page.count("Overdue") >= 3


def test_project_home_shows_every_step_cohort_goal_and_phase(
    as_user: AsUser, viewer: User, upgrade: Project
) -> None:
    page = unescape(as_user(viewer).get(url(upgrade)).content.decode())
    playbook = get_playbook(upgrade.playbook_key)
    for title in (
        *(step.title for step in playbook.steps),
        *(phase.title for phase in playbook.phases),
        *(goal.title for goal in playbook.goals),
        *upgrade.cohorts.values_list("name", flat=True),
    ):
        assert title in page, title


def test_people_are_counted_once_on_top(as_user: AsUser, manager: User, upgrade: Project) -> None:
    pilot, wave = upgrade.cohorts.order_by("position")[:2]
    for person in add_people(pilot, 2):
        person.memberships.create(cohort=wave, kind=wave.kind, switched_at=AT)
    add_people(wave, 3)
    page = as_user(manager).get(url(upgrade)).content.decode()
    facts = re.sub(r"<[^>]+>|\s+", " ", page.split('<dl class="facts">')[1].split("</dl>")[0])
    assert "Switched 2 of 5 people" in re.sub(r" +", " ", facts)


def test_next_step_is_offered_to_those_who_can_take_it(
    as_user: AsUser, manager: User, contributor: User, viewer: User, upgrade: Project
) -> None:
    offered = {
        user.name: "Import the people" in as_user(user).get(url(upgrade)).content.decode()
        for user in (manager, contributor, viewer)
    }
    assert offered == {"Mona Manager": True, "Carl Contributor": False, "Vera Viewer": False}


def test_calm_project_says_so(as_user: AsUser, manager: User, project: Project) -> None:
    page = as_user(manager).get(url(project)).content.decode()
    assert "All is well. Nothing needs you right now." in page


# ---- timeline


def test_timeline_asks_the_same_for_one_and_a_thousand(
    as_user: AsUser, manager: User, upgrade: Project, django_assert_num_queries: Queries
) -> None:
    client = as_user(manager)
    fill(upgrade, 1)
    FreezeWindow.objects.create(
        project=upgrade, title="Year end", starts_on=TODAY, ends_on=TODAY + timedelta(days=9)
    )
    client.get(url(upgrade, "timeline/"))
    with django_assert_num_queries(TIMELINE):
        client.get(url(upgrade, "timeline/"))
    fill_more(upgrade, 1000)
    for number in (2, 3):
        FreezeWindow.objects.create(
            project=upgrade, title=f"Freeze {number}", starts_on=TODAY, ends_on=TODAY
        )
    with django_assert_num_queries(TIMELINE):
        page = client.get(url(upgrade, "timeline/")).content.decode()
    assert "Freeze 3" in page


def test_table_below_the_timeline_holds_the_same_dates(
    as_user: AsUser, viewer: User, upgrade: Project
) -> None:
    page = unescape(as_user(viewer).get(url(upgrade, "timeline/")).content.decode())
    rows = re.findall(
        r'<tr class="tl-row-step">.*?href="[^"]*/steps/([^/"]+)/".*?datetime="([^"]+)"'
        r'.*?datetime="([^"]+)"',
        page,
        re.DOTALL,
    )
    assert rows == [
        (step.key, step.starts_on.isoformat(), step.ends_on.isoformat())
        for step in upgrade.steps.order_by("position")
    ]
    assert len(rows) == 32
    switches = re.findall(r'<tr class="tl-row-cohort">.*?datetime="([^"]+)"', page, re.DOTALL)
    assert switches == [
        cohort.switch_on.isoformat() for cohort in upgrade.cohorts.order_by("position")
    ]


# ---- who may look


@pytest.mark.parametrize("end", ["", "timeline/"])
def test_members_look_and_strangers_find_nothing(
    as_user: AsUser,
    upgrade: Project,
    manager: User,
    contributor: User,
    viewer: User,
    admin: User,
    stranger: User,
    end: str,
) -> None:
    allowed = {
        user.name: as_user(user).get(url(upgrade, end)).status_code
        for user in (manager, contributor, viewer, admin, stranger)
    }
    assert allowed == {
        "Mona Manager": 200,
        "Carl Contributor": 200,
        "Vera Viewer": 200,
        "Ada Admin": 200,
        "Sam Stranger": 404,
    }
    nobody = as_user(None).get(url(upgrade, end))
    assert (nobody.status_code, nobody["Location"].split("?")[0]) == (302, "/accounts/login/")
    assert as_user(manager).post(url(upgrade, end)).status_code == 405


def test_who_lost_access_finds_nothing(as_user: AsUser, viewer: User, upgrade: Project) -> None:
    client = as_user(viewer)
    assert client.get(url(upgrade)).status_code == 200
    Stakeholder.objects.filter(project=upgrade, user=viewer).update(access=AccessRole.NONE)
    assert client.get(url(upgrade)).status_code == 404
    assert [project.pk for project in projects_of(viewer, TODAY)] == []


def test_home_needs_an_account(as_user: AsUser) -> None:
    assert as_user(None).get("/").status_code == 302


def test_page_with_every_picture_is_light_on_the_line(
    as_user: AsUser, manager: User, upgrade: Project
) -> None:
    response = as_user(manager).get(url(upgrade), headers={"accept-encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(response.content) < 30_000
