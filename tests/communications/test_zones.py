"""A message at nine where each person is: nobody before their nine, and nobody left out."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.timezone import now

from communications.enums import MessageZone, OccurrenceState
from communications.models import Delivery, Occurrence
from communications.queries.zones import first_moment, moments
from communications.services.pipeline.expand import expand_chunk
from communications.services.pipeline.plan import start_due
from tests.communications.pipeline import due_occurrence, run_worker
from tests.communications.sink import Sink

pytestmark = pytest.mark.django_db
DAY, NINE = date(2038, 3, 28), time(9)  # clocks change in Europe
ZONES = ("Pacific/Kiritimati", "Asia/Kolkata", "Europe/Berlin", "America/Los_Angeles", "")


def at_nine(zone: str, day: date = DAY) -> datetime:
    return datetime.combine(day, NINE, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.fixture
def occurrence() -> Occurrence:
    """Nine o'clock in each person's zone; where nobody knows it, that of Berlin."""
    found = due_occurrence(
        len(ZONES),
        message__zone=MessageZone.PERSON,
        timezone="Europe/Berlin",
        wall_at=datetime.combine(DAY, NINE, tzinfo=UTC),
        due_at=at_nine("Europe/Berlin"),
        not_after=at_nine("Europe/Berlin") + timedelta(days=3),
    )
    for membership, zone in zip(found.cohort.memberships.order_by("pk"), ZONES, strict=True):
        membership.participant.timezone = zone
        membership.participant.save()
    return found


def instants(occurrence: Occurrence) -> dict[str, datetime]:
    """{zone: its instant}, where nobody's country is known."""
    found = moments(occurrence)
    assert all(place.country == "" for place in found)
    return {place.zone: moment.due_at for place, moment in found.items()}


def not_before(occurrence: Occurrence) -> dict[str, datetime]:
    rows = Delivery.objects.filter(occurrence=occurrence)
    return dict(rows.values_list("participant__timezone", "not_before"))


def test_every_zone_has_its_own_nine(occurrence: Occurrence) -> None:
    expected = {zone: at_nine(zone) for zone in ZONES if zone}
    assert instants(occurrence) == expected
    assert first_moment(occurrence) == expected["Pacific/Kiritimati"]


def test_it_begins_with_the_first_and_each_row_waits_for_its_person(
    occurrence: Occurrence,
) -> None:
    first = at_nine("Pacific/Kiritimati")
    assert start_due(first - timedelta(seconds=1)) == 0
    assert start_due(first) == 1
    expand_chunk(occurrence.pk, first)
    assert not_before(occurrence) == {zone: at_nine(zone or "Europe/Berlin") for zone in ZONES}


@pytest.mark.parametrize(
    "changes", [{"wall_at": None}, {"message__zone": MessageZone.COHORT}, {"state": "planned"}]
)
def test_what_is_meant_for_one_instant_starts_at_it(
    occurrence: Occurrence, changes: dict[str, Any]
) -> None:
    for name, value in changes.items():
        holder = occurrence.message if name.startswith("message__") else occurrence
        setattr(holder, name.removeprefix("message__"), value)
        holder.save()
    assert start_due(at_nine("Europe/Berlin") - timedelta(seconds=1)) == 0
    is_approved = "state" not in changes
    assert start_due(at_nine("Europe/Berlin")) == int(is_approved)


def test_a_zone_that_is_none_counts_as_none_given(occurrence: Occurrence) -> None:
    person = occurrence.cohort.memberships.first().participant
    person.timezone = "Mars/Olympus"
    person.save()
    assert instants(occurrence)["Mars/Olympus"] == at_nine("Europe/Berlin")
    start_due(at_nine("Europe/Berlin"))
    expand_chunk(occurrence.pk, at_nine("Europe/Berlin"))
    assert not_before(occurrence)["Mars/Olympus"] == at_nine("Europe/Berlin")


def test_the_worker_sends_to_those_whose_time_has_come(sink: Sink) -> None:
    today = now().astimezone(UTC).replace(microsecond=0)
    occurrence = due_occurrence(
        3,
        message__zone=MessageZone.PERSON,
        timezone="UTC",
        wall_at=today - timedelta(hours=1),
        due_at=today - timedelta(hours=1),
    )
    east, here, west = (m.participant for m in occurrence.cohort.memberships.order_by("pk"))
    for person, zone in ((east, "Asia/Kolkata"), (west, "America/Los_Angeles")):
        person.timezone = zone
        person.save()
    run_worker()
    assert {mail.recipient for mail in sink.mails} == {east.upn, here.upn}
    row = Delivery.objects.get(participant=west)
    wall = row.not_before.astimezone(ZoneInfo("America/Los_Angeles")).replace(tzinfo=UTC)
    assert (row.state, wall) == ("queued", today - timedelta(hours=1))
    occurrence.refresh_from_db()
    assert occurrence.state == OccurrenceState.SENDING
