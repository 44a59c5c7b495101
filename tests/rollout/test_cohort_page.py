"""The cohort's page: people, messages and surveys of one cohort, and the click that switches it."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Cohort, Membership
from cohorts.services.cohorts import switch_cohort
from cohorts.services.verification import verify_modes
from communications.models import Occurrence
from projects.models import Event, Project
from rollout.queries.cohort import CohortPage, cohort_page
from surveys.models import Survey
from tests.rollout.whole import add_people, ask, let_through, send, whole_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("march")]
MODES = ("TeamsOnly", "Islands", "Islands")
AsUser = Callable[[User | None], Client]


@pytest.fixture
def cohort(upgrade: Project, manager: User) -> Cohort:
    found = upgrade.cohorts.get(name="Wave 1")
    let_through(found, manager)
    return found


def url(cohort: Cohort, end: str = "") -> str:
    return f"/projects/{cohort.project.slug}/cohorts/{cohort.pk}/{end}"


def sent(cohort: Cohort, key: str) -> Occurrence:
    occurrence = cohort.occurrences.get(message__key=key)
    occurrence.state = "done"
    occurrence.save()
    return occurrence


def told_and_asked(cohort: Cohort) -> None:
    """Ten people: nine mails for seven of them, one failed; three answered; others elsewhere."""
    people = add_people(cohort, 10)
    send(sent(cohort, "U1"), people[:5])
    send(sent(cohort, "U3"), people[3:7])
    send(cohort.occurrences.get(message__key="U4"), people[9:], state="failed")
    ask(cohort.surveys.get(), people[:6], answered=3, **{"as-good": 5})
    other = cohort.project.cohorts.get(name="Wave 2")
    send(other.occurrences.get(message__key="U1"), add_people(other, 4))


def page_of(cohort: Cohort) -> CohortPage:
    return cohort_page(cohort.project, cohort, now())


def test_figures_are_of_this_cohort_alone(cohort: Cohort) -> None:
    told_and_asked(cohort)
    figures = page_of(cohort).figures
    counts = figures.counts
    assert (
        figures.people,
        counts.told,
        counts.switched,
        figures.answered,
        counts.told_only,
        counts.planned_only,
    ) == (10, 7, 0, 3, 7, 3)


def test_people_who_left_or_moved_do_not_count(cohort: Cohort) -> None:
    told_and_asked(cohort)
    leaver, mover = Membership.objects.filter(cohort=cohort).order_by("pk")[:2]
    leaver.participant.status = "left"
    leaver.participant.save()
    mover.cohort = cohort.project.cohorts.get(name="Wave 3")
    mover.save()

    figures = page_of(cohort).figures

    counts = figures.counts
    assert (figures.people, counts.told) == (8, 5)


def test_states_add_up_after_the_switch(cohort: Cohort, manager: User) -> None:
    told_and_asked(cohort)
    switch_cohort(cohort=cohort, at=now(), acting_user=manager)
    add_people(cohort, 2)  # who comes by another way than the service is not switched

    figures = page_of(cohort).figures

    counts = figures.counts
    assert (figures.people, counts.switched, counts.told_only, counts.planned_only) == (
        12,
        10,
        0,
        2,
    )


def test_verified_people_leave_the_states_before(cohort: Cohort, manager: User) -> None:
    told_and_asked(cohort)
    rows = Membership.objects.filter(cohort=cohort)
    seen = rows.filter(participant__deliveries__state="sent").first()
    rows.filter(pk=seen.pk).update(mode_state="verified", observed_at=now())
    figures = page_of(cohort).figures
    counts = figures.counts
    early = (counts.verified, counts.switched_only, counts.told_only, counts.planned_only)
    assert early == (1, 0, 6, 3)
    switch_cohort(cohort=cohort, at=now(), acting_user=manager)
    figures = page_of(cohort).figures
    counts = figures.counts
    assert (counts.switched, counts.switched_only, counts.verified) == (10, 9, 1)
    assert (counts.told_only, counts.planned_only) == (0, 0)


def test_modes_observed_stand_on_the_page(cohort: Cohort, manager: User, as_user: AsUser) -> None:
    people = add_people(cohort, 4)
    switch_cohort(cohort=cohort, at=now(), acting_user=manager)
    shown = "".join(f"{p.upn or p.mail},{mode}\n" for p, mode in zip(people, MODES, strict=False))
    file = BytesIO(f"UPN,TeamsUpgradeEffectiveMode\n{shown}".encode())
    at = datetime.combine(cohort.switch_on + timedelta(days=1), time(9), UTC)
    report = verify_modes(project=cohort.project, stream=file, acting_user=manager, at=at)
    assert report.as_json() == {"rows": 3, "verified": 1, "drift": 2, "pending": 0, "unknown": 0}
    page = cohort_page(cohort.project, cohort, at)
    assert page.modes is not None
    assert [(row.title, row.state, row.people, row.is_seen) for row in page.modes.counts] == [
        ("Islands", "drift", 2, True),
        ("Teams only", "verified", 1, True),
        ("", "waiting", 1, False),
    ]
    verify = next(stage for stage in page.stages if stage.title == "Verify")
    assert (verify.state, verify.detail, verify.place) == (
        "1 of 4 seen",
        "2 people in drift",
        "now",
    )
    html = as_user(manager).get(url(cohort)).content.decode()
    assert "Modes observed" in html
    assert f"/people/modes/?cohort={cohort.pk}" in html


def test_messages_say_what_became_of_them(cohort: Cohort) -> None:
    told_and_asked(cohort)
    counted = {row.occurrence.message.key: dict(row.counts) for row in page_of(cohort).messages}
    assert counted == {
        "U1": {"sent": 5},
        "U2": {},
        "U3": {"sent": 4},
        "U4": {"failed": 1},
        "U5": {},
        "U6": {},
    }


def test_stages_say_where_the_cohort_is(cohort: Cohort, manager: User) -> None:
    def stages() -> list[tuple[str, str]]:
        return [(stage.title, stage.place) for stage in page_of(cohort).stages]

    assert stages() == [
        ("Date", "now"),
        ("Messages", ""),
        ("Switch", ""),
        ("Verify", ""),
        ("Survey", ""),
        ("Goals", ""),
    ]
    told_and_asked(cohort)
    assert stages() == [
        ("Date", "past"),
        ("Messages", "now"),
        ("Switch", ""),
        ("Verify", ""),
        ("Survey", "now"),
        ("Goals", ""),
    ]
    switch_cohort(cohort=cohort, at=now(), acting_user=manager)
    cohort.surveys.update(status="closed", closed_at=now())
    cohort.occurrences.update(state="done")
    assert stages() == [
        ("Date", "past"),
        ("Messages", "past"),
        ("Switch", "past"),
        ("Verify", "now"),
        ("Survey", "past"),
        ("Goals", ""),
    ]


def test_day_of_the_switch_is_now(cohort: Cohort) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(switch_on=now().date() - timedelta(days=1))
    switch = next(stage for stage in page_of(cohort).stages if stage.title == "Switch")
    assert (switch.state, switch.place) == ("1 day ago", "now")


def test_page_asks_the_same_for_one_and_a_thousand(
    as_user: AsUser,
    manager: User,
    cohort: Cohort,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    client = as_user(manager)
    people = add_people(cohort, 1)
    send(sent(cohort, "U1"), people)
    ask(cohort.surveys.get(), people, answered=1, **{"as-good": 5})
    client.get(url(cohort))  # fills caches of the process
    with django_assert_num_queries(QUERIES):
        small = client.get(url(cohort))
    people = add_people(cohort, 999)
    send(sent(cohort, "U3"), people)
    ask(cohort.surveys.get(), people, answered=500, **{"as-good": 5})
    with django_assert_num_queries(QUERIES):
        large = client.get(url(cohort))
    assert (small.status_code, large.status_code) == (200, 200)
    assert "1,000" in large.content.decode()


QUERIES = 35  # 14 of them for the figures of the go/no-go


def test_manager_switches_once(
    as_user: AsUser, manager: User, cohort: Cohort, march: time_machine.Traveller
) -> None:
    add_people(cohort, 3)
    client = as_user(manager)
    assert "Wave 1 is switched" not in client.get(url(cohort)).content.decode()
    march.move_to(datetime.combine(cohort.switch_on, time(16), tzinfo=UTC))
    client.force_login(manager)
    assert "Wave 1 is switched" in client.get(url(cohort)).content.decode()

    first = client.post(url(cohort, "switch/"))
    second = client.post(url(cohort, "switch/"))

    assert (first.status_code, first["Location"]) == (302, url(cohort))
    assert second.status_code == 409
    assert "Reload the page to see how it stands." in second.content.decode()
    cohort.refresh_from_db()
    assert cohort.status == "switched"
    assert set(cohort.memberships.values_list("switched_at")) == {(cohort.switched_at,)}
    assert Event.objects.filter(project=cohort.project, verb="cohort.switched").count() == 1


@pytest.mark.parametrize("persona", ["viewer", "contributor"])
def test_others_look_and_do_not_switch(
    as_user: AsUser, request: pytest.FixtureRequest, cohort: Cohort, persona: str
) -> None:
    client = as_user(request.getfixturevalue(persona))
    add_people(cohort, 3)
    page = client.get(url(cohort))
    assert page.status_code == 200
    assert "switch/" not in page.content.decode()
    assert client.post(url(cohort, "switch/")).status_code == 403
    cohort.refresh_from_db()
    assert cohort.status == "planned"


def test_strangers_find_nothing(as_user: AsUser, stranger: User, cohort: Cohort) -> None:
    client = as_user(stranger)
    assert client.get(url(cohort)).status_code == 404
    assert client.post(url(cohort, "switch/")).status_code == 404
    cohort.refresh_from_db()
    assert cohort.status == "planned"


def test_nobody_signs_in_first(as_user: AsUser, cohort: Cohort) -> None:
    for response in (as_user(None).get(url(cohort)), as_user(None).post(url(cohort, "switch/"))):
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


def test_cohort_of_another_project_is_not_here(
    as_user: AsUser, manager: User, cohort: Cohort
) -> None:
    theirs = whole_project(manager, name="Another").cohorts.get(name="Wave 1")
    client = as_user(manager)
    assert client.get(url(theirs)).status_code == 200
    crossed = f"/projects/{cohort.project.slug}/cohorts/{theirs.pk}/"
    assert client.get(crossed).status_code == 404
    assert client.post(f"{crossed}switch/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.status == "planned"


@pytest.mark.parametrize("number", ["0", "999999999", "99999999999999999999"])
def test_number_nobody_has_is_not_found(
    as_user: AsUser, manager: User, upgrade: Project, number: str
) -> None:
    assert as_user(manager).get(f"/projects/{upgrade.slug}/cohorts/{number}/").status_code == 404


def test_page_without_people_says_what_to_do(
    as_user: AsUser, manager: User, cohort: Cohort
) -> None:
    page = as_user(manager).get(url(cohort)).content.decode()
    assert "Import a list for this cohort" in page
    assert Survey.objects.filter(cohort=cohort).count() == 1
