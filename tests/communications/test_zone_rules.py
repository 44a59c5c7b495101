"""A government changes its clocks: nine o'clock stays nine o'clock, whatever instant that is now.

The older rules are those of somebody who wrote an instant an hour off, as they would have.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common.dates import instant
from communications.enums import MessageZone, OccurrenceState
from communications.models import Delivery, Occurrence
from communications.queries.reach import funnel, with_reasons
from communications.queries.since import Since, since_approval
from communications.services.approval import approve_occurrence
from communications.services.pipeline.expand import expand_chunk
from communications.services.zone_rules import follow_zone_rules
from communications.zone_rules import by_todays_rules
from projects.models import Event, Project
from tests.factories.cohorts import MembershipFactory, ParticipantFactory
from tests.factories.communications import DeliveryFactory, MessageFactory, OccurrenceFactory

AT = datetime(2038, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WALL = datetime(2038, 5, 25, 9, tzinfo=UTC)
DUE = datetime(2038, 5, 25, 7, tzinfo=UTC)  # nine in Berlin
LAST = DUE + timedelta(days=3)
FORMER = {"wall_at": WALL, "due_at": DUE + HOUR, "not_after": LAST + HOUR}


def stored(*rows: Occurrence) -> list[tuple[datetime | None, datetime | None]]:
    return [
        Occurrence.objects.values_list("due_at", "not_after").get(pk=row.pk)  # type: ignore[misc]
        for row in rows
    ]


@pytest.mark.parametrize(
    ("was", "wall", "zone", "now"),
    [
        # An hour off, either way; right as it is.
        (DUE + HOUR, time(9), "Europe/Berlin", DUE),
        (DUE - HOUR, time(9), "Europe/Berlin", DUE),
        (DUE, time(9), "Europe/Berlin", DUE),
        # Around midnight it stays on the day that it was planned for.
        (
            datetime(2038, 5, 25, 22, 30, tzinfo=UTC),
            time(23, 45),
            "Europe/Berlin",
            datetime(2038, 5, 25, 21, 45, tzinfo=UTC),
        ),
        # 02:30 does not exist that day: three o'clock, as planned.
        (
            datetime(2038, 3, 28, 1, tzinfo=UTC),
            time(2, 30),
            "Europe/Berlin",
            datetime(2038, 3, 28, 1, tzinfo=UTC),
        ),
        # Half a day off is no rule's doing.
        (DUE + 12 * HOUR, time(9), "Europe/Berlin", DUE + 12 * HOUR),
    ],
)
def test_the_nearest_instant_of_a_wall_time(
    was: datetime, wall: time, zone: str, now: datetime
) -> None:
    assert by_todays_rules(was, wall, zone) == now


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_what_the_rules_of_today_planned_stays_on_every_day_of_a_year(zone: str) -> None:
    days = [datetime(2038, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(365)]
    planned = {
        (day, wall): instant(day.date(), wall, zone)
        for day in days
        for wall in (time(0), time(2, 15), time(9), time(23, 59))
    }
    assert {
        (day, wall): by_todays_rules(at, wall, zone) for (day, wall), at in planned.items()
    } == planned


@pytest.mark.django_db
def test_only_what_follows_a_clock_and_has_not_begun_is_moved(project: Project) -> None:
    message = MessageFactory(project=project)
    states = {
        state: OccurrenceFactory(message=message, state=state, **FORMER)
        for state in OccurrenceState
    }
    right = OccurrenceFactory(message=message)
    ordered = OccurrenceFactory(message=message, **(FORMER | {"wall_at": None}))
    closed = OccurrenceFactory(message__project__status="closed", **FORMER)
    open_ended = OccurrenceFactory(message=message, **(FORMER | {"not_after": None}))
    assert follow_zone_rules(AT) == 3
    old, new = (DUE + HOUR, LAST + HOUR), (DUE, LAST)
    assert dict(zip(states, stored(*states.values()), strict=True)) == {
        state: new if state in ("planned", "approved") else old for state in states
    }
    assert stored(right, ordered, closed, open_ended) == [new, old, old, (DUE, None)]
    moved = [states[OccurrenceState.PLANNED], states[OccurrenceState.APPROVED], open_ended]
    assert list(Event.objects.values_list("project", "verb", "sentence", "data")) == [
        (
            project.pk,
            "occurrences.moved",
            "3 sendings keep their time of day: the rules of their time zones have changed.",
            {"occurrences": [row.pk for row in moved]},
        )
    ]


@pytest.mark.django_db
def test_a_rule_of_the_days_it_may_still_leave_on_moves_the_last_moment_alone() -> None:
    row = OccurrenceFactory(not_after=LAST - HOUR)
    assert follow_zone_rules(AT) == 1
    assert stored(row) == [(DUE, LAST)]


@pytest.mark.django_db
def test_it_is_approved_for_nine_o_clock_as_before(project: Project, manager: User) -> None:
    row = OccurrenceFactory(message__project=project, **FORMER)
    MembershipFactory(cohort=row.cohort)
    approve_occurrence(occurrence=row, acting_user=manager, at=AT)
    follow_zone_rules(AT)
    found = Occurrence.objects.select_related("message", "project", "cohort").get(pk=row.pk)
    assert (found.state, found.due_at, found.approved_due_at) == ("approved", DUE, DUE)
    people = with_reasons(found, AT)
    assert since_approval(found, people, funnel(found, AT, people)) == Since()


@pytest.mark.django_db
def test_what_somebody_approved_for_another_day_still_says_so(
    project: Project, manager: User
) -> None:
    row = OccurrenceFactory(message__project=project, **FORMER)
    approve_occurrence(occurrence=row, acting_user=manager, at=AT)
    before = DUE - timedelta(days=7)
    Occurrence.objects.filter(pk=row.pk).update(approved_due_at=before)
    follow_zone_rules(AT)
    row.refresh_from_db()
    assert (row.due_at, row.approved_due_at) == (DUE, before)


@pytest.mark.django_db
def test_where_no_rule_changed_it_asks_twice_and_writes_nothing() -> None:
    OccurrenceFactory.create_batch(3)
    with CaptureQueriesContext(connection) as queries:
        assert follow_zone_rules(AT) == 0
    assert len(queries) == 2
    assert Event.objects.count() == 0


ZONES = {"Asia/Kolkata": 0, "Europe/Berlin": 0, "America/New_York": 1, "Mars/Olympus": 1, "": 1}


@pytest.fixture
def waiting(project: Project) -> Occurrence:
    """At nine where each person is, with its rows made; some by former rules, an hour late."""
    found = OccurrenceFactory(
        message__project=project, message__zone=MessageZone.PERSON, state="expanding"
    )
    for zone in ZONES:
        MembershipFactory(cohort=found.cohort, participant__timezone=zone)
    expand_chunk(found.pk, AT)
    for zone, hours in ZONES.items():
        rows = found.deliveries.filter(participant__timezone=zone)
        rows.update(not_before=nine(zone) + hours * HOUR)
    return found


def nine(zone: str) -> datetime:
    """Who has no zone gets it at the occurrence's own nine o'clock."""
    known = zone if zone in ("Asia/Kolkata", "America/New_York") else "Europe/Berlin"
    return WALL.replace(tzinfo=ZoneInfo(known)).astimezone(UTC)


def moments(occurrence: Occurrence) -> dict[str, datetime]:
    rows = Delivery.objects.filter(occurrence=occurrence)
    return dict(rows.values_list("participant__timezone", "not_before"))


@pytest.mark.django_db
def test_rows_that_wait_for_their_peoples_hour_follow(waiting: Occurrence) -> None:
    assert follow_zone_rules(AT) == 3
    assert moments(waiting) == {zone: nine(zone) for zone in ZONES}
    assert list(waiting.project.events.values_list("verb", "sentence")) == [
        (
            "deliveries.moved",
            "3 waiting mails keep their time of day: the rules of their time zones have changed.",
        )
    ]
    assert follow_zone_rules(AT) == 0


@pytest.mark.django_db
def test_rows_that_wait_for_another_working_day_stay_on_that_day(project: Project) -> None:
    occurrence = OccurrenceFactory(
        message__project=project, message__is_working_day=True, state="sending"
    )
    day = timedelta(days=1)
    for moment in (DUE + HOUR, DUE + day + HOUR, DUE + 4 * day, DUE + day + 5 * HOUR):
        # Of the people's own zones nothing is asked: it goes by the clock of the cohort.
        person = ParticipantFactory(project=project, timezone="Asia/Kolkata")
        DeliveryFactory(occurrence=occurrence, participant=person, not_before=moment)
    assert follow_zone_rules(AT) == 2
    assert list(occurrence.deliveries.order_by("pk").values_list("not_before", flat=True)) == [
        DUE,
        DUE + day,
        DUE + 4 * day,
        DUE + day + 5 * HOUR,  # nothing to do with a rule
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "columns",
    [
        {"state": "claimed"},
        {"state": "sent"},
        {"address": "put-off@example.org"},  # it was claimed: quiet hours, or a busy server
        {"attempts": 1},
    ],
)
def test_rows_that_somebody_has_looked_at_stay(
    waiting: Occurrence, columns: dict[str, Any]
) -> None:
    waiting.deliveries.update(**columns)
    before = moments(waiting)
    assert follow_zone_rules(AT) == 0
    assert moments(waiting) == before
