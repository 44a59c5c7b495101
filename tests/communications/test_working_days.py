"""A message for working days: each person gets it on the first one of their own country."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Participant
from common.working_days import first_working_day
from communications.enums import MessageZone, OccurrenceState
from communications.models import Delivery, Occurrence
from communications.queries.messages import lines
from communications.queries.other_days import OtherDay, listed, other_days
from communications.queries.planning import calendar_day
from communications.queries.zones import first_moment, moments
from communications.services.pipeline.expand import expand_chunk
from communications.services.pipeline.plan import mark_missed, start_due
from tests.communications.pipeline import due_occurrence
from tests.factories.cohorts import MembershipFactory, ParticipantFactory
from tests.factories.projects import StakeholderFactory

pytestmark = pytest.mark.django_db
NINE = time(9)
BERLIN, CAIRO, DENVER = "Europe/Berlin", "Africa/Cairo", "America/Denver"
ASCENSION = date(2038, 6, 3)  # a Thursday; nobody works in Germany
SATURDAY, SUNDAY, MONDAY = date(2038, 6, 5), date(2038, 6, 6), date(2038, 6, 7)
# (zone, usage location, country) as a roster has them
BERLINER, CAIRENE, DENVERITE = (BERLIN, "DE", ""), (CAIRO, "", "Egypt"), (DENVER, "US", "Egypt")
NOWHERE, IN_BERLIN, GERMAN = ("", "", ""), (BERLIN, "", "Atlantis"), ("", "", "germany")
EVERYBODY = (BERLINER, CAIRENE, DENVERITE, NOWHERE, IN_BERLIN, GERMAN)


def at_nine(day: date, zone: str = BERLIN) -> datetime:
    return datetime.combine(day, NINE, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def planned_for(day: date, people: Iterable[tuple[str, str, str]] = EVERYBODY) -> Occurrence:
    """At nine, for ``people``, as the plan has it when its rule means ``day``; it keeps a day."""
    monday = first_working_day(day)
    occurrence = due_occurrence(
        message__zone=MessageZone.PERSON,
        message__is_working_day=True,
        message__not_after_days=1,
        timezone=BERLIN,
        wall_at=datetime.combine(monday, NINE, tzinfo=UTC),
        due_at=at_nine(monday),
        not_after=at_nine(monday + timedelta(days=1)),
    )
    cohort = occurrence.cohort
    cohort.switch_on = cohort.ends_on = day - timedelta(days=occurrence.message.offset_days)
    cohort.save()
    for zone, usage_location, country in people:
        where = {"timezone": zone, "usage_location": usage_location, "country": country}
        participant = MembershipFactory(cohort=cohort).participant
        Participant.objects.filter(pk=participant.pk).update(**where)
    return occurrence


def not_before(occurrence: Occurrence) -> dict[tuple[str, str, str], datetime]:
    columns = [f"participant__{name}" for name in ("timezone", "usage_location", "country")]
    rows = Delivery.objects.filter(occurrence=occurrence).values_list(*columns, "not_before")
    return {(zone, place, country): at for zone, place, country, at in rows}


def begin(occurrence: Occurrence, at: datetime) -> None:
    assert start_due(at) == 1
    expand_chunk(occurrence.pk, at)


def test_a_holiday_delays_those_of_its_country_alone() -> None:
    occurrence = planned_for(ASCENSION)
    friday = ASCENSION + timedelta(days=1)
    begin(occurrence, at_nine(ASCENSION, CAIRO))
    assert not_before(occurrence) == {
        BERLINER: at_nine(friday),
        GERMAN: at_nine(friday),
        CAIRENE: at_nine(ASCENSION, CAIRO),
        DENVERITE: at_nine(ASCENSION, DENVER),
        NOWHERE: at_nine(ASCENSION),
        IN_BERLIN: at_nine(ASCENSION),
    }


@pytest.mark.parametrize("day", [SATURDAY, SUNDAY])
def test_who_works_on_sunday_does_not_wait_for_monday(day: date) -> None:
    occurrence = planned_for(day)
    first = at_nine(SUNDAY, CAIRO)
    assert first_moment(occurrence) == first
    assert start_due(first - timedelta(seconds=1)) == 0
    begin(occurrence, first)
    assert not_before(occurrence) == {
        BERLINER: at_nine(MONDAY),
        GERMAN: at_nine(MONDAY),
        CAIRENE: first,
        DENVERITE: at_nine(MONDAY, DENVER),
        NOWHERE: at_nine(MONDAY),
        IN_BERLIN: at_nine(MONDAY),
    }


def test_what_was_planned_for_monday_is_for_monday() -> None:
    occurrence = planned_for(MONDAY)
    begin(occurrence, at_nine(MONDAY, CAIRO))
    assert not_before(occurrence)[CAIRENE] == at_nine(MONDAY, CAIRO)


def test_by_the_clock_of_the_cohort_only_the_day_is_their_own() -> None:
    occurrence = planned_for(SATURDAY)
    occurrence.message.zone = MessageZone.COHORT
    occurrence.message.save()
    begin(occurrence, at_nine(SUNDAY))
    monday, sunday = at_nine(MONDAY), at_nine(SUNDAY)
    assert not_before(occurrence) == {
        **dict.fromkeys(EVERYBODY, monday),
        CAIRENE: sunday,
    }


@pytest.mark.parametrize("ordered", [True, False])
def test_what_was_ordered_or_is_for_every_day_is_not_moved(ordered: bool) -> None:
    occurrence = planned_for(ASCENSION, [BERLINER, CAIRENE])
    if ordered:
        occurrence.wall_at = None
    occurrence.message.is_working_day = ordered
    occurrence.message.zone = MessageZone.COHORT
    occurrence.message.save()
    occurrence.save()
    assert moments(occurrence) == {}
    begin(occurrence, at_nine(ASCENSION))
    assert max(not_before(occurrence).values()) <= now()


def test_nobody_is_cut_off_by_a_long_holiday() -> None:
    """Russia celebrates until the tenth; a message that is missed after a day still reaches it."""
    day = date(2038, 1, 4)
    russian = ("Europe/Moscow", "RU", "")
    occurrence = planned_for(day, [BERLINER, russian])
    begin(occurrence, at_nine(day))
    back = date(2038, 1, 11)
    assert not_before(occurrence)[russian] == at_nine(back, "Europe/Moscow")
    occurrence.refresh_from_db()
    assert occurrence.not_after == at_nine(back + timedelta(days=1), "Europe/Moscow")
    assert (occurrence.due_at, occurrence.state) == (at_nine(day), OccurrenceState.SENDING)


def test_it_begins_in_time_where_all_wait_for_the_end_of_a_holiday() -> None:
    """Begun, it cannot be missed any more, and its mails wait."""
    day = date(2038, 1, 4)
    occurrence = planned_for(day, [("Europe/Moscow", "RU", "")])
    assert mark_missed(at_nine(day)) == 0
    begin(occurrence, at_nine(day))
    assert mark_missed(at_nine(day + timedelta(days=3))) == 0


def test_the_day_of_the_plan_is_kept_where_the_cohort_moved_since() -> None:
    occurrence = planned_for(SATURDAY)
    assert calendar_day(occurrence) == SATURDAY
    occurrence.cohort.switch_on -= timedelta(days=10)
    occurrence.cohort.save()
    assert calendar_day(occurrence) == MONDAY


def test_it_asks_the_same_however_many_people_and_places_there_are() -> None:
    counts = []
    for people in ([BERLINER], [*EVERYBODY] * 4):
        occurrence = planned_for(SATURDAY, people)
        begin(occurrence, at_nine(MONDAY))
        Occurrence.objects.update(state=OccurrenceState.EXPANDING, expansion_cursor=0)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            expand_chunk(occurrence.pk, at_nine(MONDAY))
        counts.append(len(asked))
        assert len(moments(occurrence)) == len({*people} - {NOWHERE})
    assert counts[0] == counts[1]


def test_the_page_says_who_gets_it_on_another_day() -> None:
    occurrence = planned_for(SATURDAY, [*EVERYBODY, CAIRENE])
    assert other_days(occurrence, now()) == (OtherDay(SUNDAY, 2, ("Egypt",)),)
    friday = ASCENSION + timedelta(days=1)
    found = other_days(planned_for(ASCENSION, [*EVERYBODY, ("", "AT", "")]), now())
    assert found == (OtherDay(friday, 3, ("Austria", "Germany")),)


def test_other_people_of_the_project_move_nothing_of_this_cohort() -> None:
    occurrence = planned_for(ASCENSION, [CAIRENE])
    ParticipantFactory(project=occurrence.project, usage_location="DE")
    assert other_days(occurrence, now()) == ()


@pytest.mark.parametrize(
    "changes",
    [{"is_working_day": False}, {"audience_kind": "stakeholders"}, {"channel": "banner"}, {}],
)
def test_lists_name_the_countries_with_another_day(changes: dict[str, Any]) -> None:
    one, other = planned_for(SATURDAY), planned_for(ASCENSION)
    for name, value in changes.items():
        for occurrence in (one, other):
            setattr(occurrence.message, name, value)
    found = {
        occurrence.pk: line.elsewhere
        for occurrence in (one, other)
        for line in lines(occurrence.project, [occurrence], now())
    }
    countries = {one.pk: ("Egypt",), other.pk: ("Germany",)}
    assert found == (dict.fromkeys(countries, ()) if changes else countries)


def test_a_long_list_of_countries_is_cut() -> None:
    assert listed(("A", "B")) == "A, B"
    assert listed(("A", "B", "C", "D", "E", "F")) == "A, B, C, D and 2 more"


def test_the_preview_says_when_this_person_gets_it(client: Client, manager: User) -> None:
    occurrence = planned_for(SATURDAY)
    StakeholderFactory(project=occurrence.project, user=manager, access="manager")
    Occurrence.objects.update(state=OccurrenceState.PLANNED)
    url = reverse("communications:occurrence_detail", args=[occurrence.project.slug, occurrence.pk])
    person = Participant.objects.get(country="Egypt", usage_location="")
    client.force_login(manager)
    page = client.get(f"{url}?person={person.pk}")
    shown = " ".join(strip_tags(page.content.decode()).split())
    assert "Sun 6 Jun, 09:00, Africa/Cairo" in shown
    assert "Sun 6 Jun 2038: 1 person in Egypt" in shown
    assert "or on the next working day where the person is" in shown
