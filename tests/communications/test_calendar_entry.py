"""The switch as a calendar entry: read back by the library, and as part of mail, preview, test."""

from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from accounts.models import User
from cohorts.models import Cohort
from common.dates import instant, zone_names
from communications.calendar_entry import cohort_entry, entry_uid
from communications.models import Occurrence
from communications.queries.audience import recipients
from communications.rendering import read_mail
from communications.services.content import preview, values_for
from communications.services.trial import send_test
from projects.models import Project
from tests.communications.skeletons import skeleton_for
from tests.factories.cohorts import MembershipFactory
from tests.factories.communications import OccurrenceFactory

AT = datetime(2038, 6, 1, 7, 30, tzinfo=UTC)
MADE = datetime(2038, 1, 4, 15, 30, tzinfo=UTC)
NASTY = st.text(st.characters(blacklist_categories=("Cs",)), max_size=120)


def cohort(**also: object) -> Cohort:
    given = {"name": "Wave 1", "switch_on": date(2038, 6, 14), "timezone": "Europe/Berlin"}
    return Cohort(**{"pk": 7, "switch_time": time(18), **given, **also})


def project(**also: object) -> Project:
    return Project(**{"name": "Move", "created_at": MADE, **also})


def events(entry: bytes) -> list[dict[str, object]]:
    return [
        {
            "uid": str(event["uid"]),
            "sequence": event["sequence"],
            "start": event.start,
            "lasts": event["duration"].dt,
            "made": event["dtstamp"].dt,
        }
        for event in Calendar.from_ical(entry).walk("VEVENT")
    ]


def test_the_entry_read_back_is_the_switch() -> None:
    entry = cohort_entry(cohort(), project=project(), sequence=3)
    assert events(entry) == [
        {
            "uid": "cohort-7@127.0.0.1",
            "sequence": 3,
            "start": datetime(2038, 6, 14, 18, tzinfo=ZoneInfo("Europe/Berlin")),
            "lasts": timedelta(hours=1),
            "made": datetime(2038, 1, 4, 0, 3, tzinfo=UTC),
        }
    ]
    assert b"\r\nMETHOD:PUBLISH\r\n" in entry
    assert b"\r\nDTSTART;TZID=Europe/Berlin:20380614T180000\r\n" in entry
    assert b"\r\nTRANSP:TRANSPARENT\r\n" in entry
    assert entry.count(b"BEGIN:VTIMEZONE") == 1


def test_a_moved_switch_is_the_same_entry_with_a_higher_number() -> None:
    old, new = cohort(), cohort(switch_on=date(2038, 7, 1), name="Another name")
    assert entry_uid(old) == entry_uid(new)
    [before] = events(cohort_entry(old, project=project(), sequence=0))
    [after] = events(cohort_entry(new, project=project(), sequence=1))
    assert before["uid"] == after["uid"]
    assert before["sequence"] < after["sequence"]
    assert before["made"] < after["made"]
    assert cohort_entry(old, project=project(), sequence=0) == cohort_entry(
        old, project=project(), sequence=0
    )


@settings(max_examples=60, deadline=None)
@given(name=NASTY, contact=NASTY, url=st.sampled_from(["", "https://site.example/me/?a=1&b=2"]))
@example(name="A\r\nEND:VEVENT\r\nBEGIN:VEVENT", contact="x\nATTACH:file", url="")
@example(name="ü" * 75 + ";,\\n", contact="😀" * 40, url="")
@example(name="\0", contact="\u2028BEGIN:VALARM", url="https://x\r\nATTENDEE:mailto:a@b")
def test_no_name_becomes_a_line_of_its_own(name: str, contact: str, url: str) -> None:
    entry = cohort_entry(
        cohort(name=name), project=project(name=name, help_contact=contact), sequence=0, url=url
    )
    lines = entry.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode("utf-8")  # folded between characters, not within one
    assert not any(b"\n" in line or b"\r" in line or b"\0" in line for line in lines)
    [event] = Calendar.from_ical(entry).walk("VEVENT")
    assert set(event) == {
        *("SUMMARY", "DTSTART", "DURATION", "DTSTAMP", "UID", "SEQUENCE", "DESCRIPTION"),
        *("ORGANIZER", "STATUS", "TRANSP"),
        *(["URL"] if url else []),
    }
    assert not event.subcomponents


def test_every_zone_gives_the_instant_of_the_switch() -> None:
    days = (date(2038, 3, 28), date(2038, 7, 1), date(2038, 10, 31))
    cases = [(zone, day) for zone in sorted(zone_names()) for day in days]
    read = [
        events(cohort_entry(cohort(timezone=zone, switch_on=day), project=project(), sequence=0))
        for zone, day in cases
    ]
    assert [event["start"].astimezone(UTC) for [event] in read] == [
        instant(day, time(18), zone) for zone, day in cases
    ]


def test_a_time_that_does_not_exist_is_the_first_after_the_gap() -> None:
    gap = cohort(switch_on=date(2038, 3, 28), switch_time=time(2, 30))
    [event] = events(cohort_entry(gap, project=project(), sequence=0))
    assert event["start"] == datetime(2038, 3, 28, 3, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def occurrence(project: Project) -> Occurrence:
    return OccurrenceFactory(
        message__project=project, message__has_calendar=True, message__is_mandatory=True
    )


@pytest.mark.django_db
def test_mail_and_preview_carry_the_same_entry(occurrence: Occurrence) -> None:
    member = MembershipFactory(cohort=occurrence.cohort, participant__display_name="Zoë")
    [reader] = recipients([member.participant])
    raw = skeleton_for(occurrence).render(
        values=values_for(occurrence, [reader])[reader.pk],
        to_name=reader.name,
        to_address=reader.address,
        message_id="<1@site.example>",
        date=AT,
    )
    expected = cohort_entry(occurrence.cohort, project=occurrence.project, sequence=0)
    sent = message_from_bytes(raw, policy=default)
    [part] = list(sent.iter_attachments())
    assert part.get_payload(decode=True) == expected
    assert (
        part.get_content_type(),
        part.get_filename(),
        part["Content-Type"].params["method"],
    ) == (
        "text/calendar",
        "switch.ics",
        "PUBLISH",
    )
    assert preview(occurrence, reader) == read_mail(raw)
    assert read_mail(raw).calendar == expected.decode().replace("\r\n", "\n")
    assert "Hello Zoë" in read_mail(raw).text
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@pytest.mark.django_db
def test_the_entry_is_the_switch_as_it_is_now(occurrence: Occurrence) -> None:
    before = skeleton_for(occurrence)
    Cohort.objects.update(switch_on=date(2038, 6, 8), calendar_sequence=1)
    after = skeleton_for(occurrence)
    assert before.body != after.body
    moved = Cohort.objects.get()
    person = MembershipFactory(cohort=moved).participant
    assert read_mail(
        after.render(
            values=values_for(occurrence, recipients([person]))[person.pk],
            to_name="",
            to_address=person.upn,
            message_id="<1@site.example>",
            date=AT,
        )
    ).calendar == cohort_entry(moved, project=occurrence.project, sequence=1).decode().replace(
        "\r\n", "\n"
    )


@pytest.mark.django_db
def test_a_test_mail_carries_it_too(occurrence: Occurrence, manager: User) -> None:
    [reader] = recipients([MembershipFactory(cohort=occurrence.cohort).participant])
    send_test(occurrence=occurrence, acting_user=manager, as_recipient=reader)
    raw = mail.outbox[0].message().as_bytes()
    expected = cohort_entry(occurrence.cohort, project=occurrence.project, sequence=0)
    [part] = list(message_from_bytes(raw, policy=default).iter_attachments())
    assert part.get_payload(decode=True) == expected
    assert (part.get_filename(), part["Content-Type"].params["method"]) == ("switch.ics", "PUBLISH")


@pytest.mark.django_db
def test_a_mail_without_an_entry_has_no_attachment(project: Project) -> None:
    plain = OccurrenceFactory(message__project=project)
    [reader] = recipients([MembershipFactory(cohort=plain.cohort).participant])
    assert preview(plain, reader).calendar == ""
