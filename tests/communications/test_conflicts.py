"""What the calendar says about mails that are planned together."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from communications.conflicts import EVERYONE, House, Planned, conflicts
from communications.enums import OccurrenceState
from communications.models import SendingRules
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import MessageFactory, OccurrenceFactory

TUESDAY = datetime(2038, 3, 2, 8, tzinfo=UTC)
HOUSE = House(quiet_from=None, quiet_until=None, mails_a_week=5, freezes=())


def mail(pk: int, **changes: Any) -> Planned:
    given = {
        "title": f"Mail {pk}",
        "group": "cohort:1",
        "is_of_cohort": True,
        "due_at": TUESDAY,
        "timezone": "Europe/Berlin",
        "people": 100,
        "is_open": True,
    }
    return Planned(pk=pk, **{**given, **changes})


def test_alone_at_a_good_moment_nothing_is_said() -> None:
    assert conflicts([mail(1)], HOUSE) == {}


def test_same_day_is_said_of_those_who_reach_the_same_people() -> None:
    everybody = {"group": EVERYONE, "is_of_cohort": False}
    found = conflicts(
        [
            mail(1),
            mail(2, due_at=TUESDAY + timedelta(hours=3)),
            mail(3, group="cohort:2"),
            mail(4, group="stakeholders", is_of_cohort=False),
            mail(5, due_at=TUESDAY + timedelta(days=1)),
            mail(6, **everybody, due_at=TUESDAY + timedelta(days=1), is_open=False),
        ],
        HOUSE,
    )
    assert found == {
        1: ("To the same people on the same day: “Mail 2”.",),
        2: ("To the same people on the same day: “Mail 1”.",),
        5: ("To the same people on the same day: “Mail 6”.",),
    }


def test_a_day_is_that_of_the_cohort() -> None:
    """23:30 and 00:30 in Berlin are one day in UTC."""
    late = datetime(2038, 3, 2, 22, 30, tzinfo=UTC)
    assert conflicts([mail(1, due_at=late), mail(2, due_at=late + timedelta(hours=1))], HOUSE) == {}


def test_a_reminder_and_a_message_on_one_day_are_named() -> None:
    found = conflicts([mail(1), mail(2, is_reminder=True), mail(3)], HOUSE)
    assert found[1] == ("A reminder and another mail on the same day: “Mail 2” and 1 more.",)


def test_more_than_a_week_allows() -> None:
    days = [mail(n, due_at=TUESDAY + timedelta(days=n)) for n in range(3)]
    house = House(quiet_from=None, quiet_until=None, mails_a_week=2, freezes=())
    sentence = "Mail number 3 in seven days; more than 2 a week are skipped."
    assert conflicts(days, house) == {2: (sentence,)}
    free = [*days[:2], mail(2, due_at=days[2].due_at, is_mandatory=True)]
    assert conflicts(free, house) == {}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"due_at": TUESDAY + timedelta(days=4)}, "On a Saturday, Europe/Berlin."),
        ({"due_at": TUESDAY.replace(hour=22)}, "In quiet hours: it waits until 07:00."),
        ({"due_at": TUESDAY + timedelta(days=7)}, "In the freeze “Fair”."),
        ({"switch_at": TUESDAY}, "After the switch that it announces."),
        ({"is_without_go": True}, "Nobody has said go for the switch yet."),
        ({"approved": 3}, "Approved for 3 people, but it would go to 100."),
    ],
)
def test_odd_moments(changes: dict[str, Any], sentence: str) -> None:
    house = House(
        quiet_from=time(21),
        quiet_until=time(7),
        mails_a_week=None,
        freezes=(("Fair", date(2038, 3, 9), date(2038, 3, 10)),),
    )
    assert conflicts([mail(1, **changes)], house) == {1: (sentence,)}
    assert conflicts([mail(1, **changes, is_open=False)], house) == {}


# ---- on the page


@pytest.fixture
def wave(project: Project):
    cohort = CohortFactory(project=project, name="Wave 1")
    MembershipFactory(cohort=cohort)
    return cohort


def page(client: Client, project: Project, **query: object) -> Any:
    response = client.get(reverse("communications:message_list", args=[project.slug]), query)
    return response.context["board"]


def test_the_calendar_names_conflicts_and_filters(as_user, viewer, project: Project, wave) -> None:
    SendingRules.objects.create(project=project, mails_a_week=1)
    other = CohortFactory(project=project, name="Wave 2")
    soon = now() + timedelta(days=1)
    for title, cohort, due in (
        ("First", wave, soon),
        ("Second", wave, soon),
        ("Third", other, soon),
    ):
        message = MessageFactory(project=project, title=title)
        OccurrenceFactory(message=message, cohort=cohort, due_at=due, timezone="UTC")
    client = as_user(viewer)
    found = page(client, project)
    said = {line.occurrence.message.title: line.conflicts for line in found.coming}
    assert any("“Second”" in sentence for sentence in said["First"])
    assert any("more than 1 a week" in sentence for sentence in said["Second"])
    assert not any("“" in sentence for sentence in said["Third"])
    only = page(client, project, cohort=other.pk)
    assert [line.occurrence.message.title for line in only.coming] == ["Third"]
    assert page(client, project, state=OccurrenceState.APPROVED).coming == ()


def test_a_foreign_cohort_or_phase_is_no_filter(
    as_user, viewer, project: Project, foreign_project: Project
) -> None:
    theirs = CohortFactory(project=foreign_project)
    address = reverse("communications:message_list", args=[project.slug])
    for query in ({"cohort": theirs.pk}, {"phase": 2**62}, {"state": "x"}):
        assert as_user(viewer).get(address, query).status_code == 422


def test_the_week_before_counts_and_is_not_shown(as_user, viewer, project: Project, wave) -> None:
    """Looked at from a later week, a mail of the week before is neither coming nor left over."""
    SendingRules.objects.create(project=project, mails_a_week=1)
    monday = now() + timedelta(days=28 - now().weekday())
    for title, day in (("Before", -1), ("In it", 1)):
        due = monday.replace(hour=12) + timedelta(days=day)
        message = MessageFactory(project=project, title=title)
        OccurrenceFactory(message=message, cohort=wave, due_at=due, timezone="UTC")
    board = page(as_user(viewer), project, start=monday.date().isoformat())
    assert [line.occurrence.message.title for line in board.coming] == ["In it"]
    assert board.waiting == ()
    assert board.coming[0].conflicts == (
        "Mail number 2 in seven days; more than 1 a week are skipped.",
    )
