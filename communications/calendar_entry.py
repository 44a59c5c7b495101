"""A cohort's switch as a calendar entry (RFC 5545), the same bytes for the same cohort.

One UID a cohort for good; whoever has the entry gets it moved by one with a higher SEQUENCE. Its
words are in the language that is active. Reads no clock and no database.
"""

from datetime import UTC, datetime, time, timedelta
from email.utils import parseaddr
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event, Timezone, vCalAddress, vDuration, vText

from cohorts.models import Cohort
from common.dates import instant
from communications import mail_words
from communications.rendering.placeholders import clean
from projects.models import Project

CONTENT_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
METHOD = "PUBLISH"
LASTS = timedelta(hours=1)
PRODUCT = "-//Upgrade Tracker//Calendar entry//EN"
# Rules of the zone are written for the year of the switch and the ones beside it.
AROUND = timedelta(days=400)


def cohort_entry(cohort: Cohort, *, project: Project, sequence: int, url: str = "") -> bytes:
    """The whole file, with CRLF and folded. ``sequence`` is ``cohort.calendar_sequence``.

    It begins when the cohort switches, in the cohort's zone, and lasts an hour without making
    anybody busy. ``url`` is where the reader finds more.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("method", METHOD)
    starts_at = instant(cohort.switch_on, cohort.switch_time, cohort.timezone)
    if cohort.timezone != "UTC":
        calendar.add_component(_zone(cohort.timezone, starts_at.year))
    calendar.add_component(_event(cohort, project, sequence, starts_at, url))
    return bytes(calendar.to_ical())


def entry_uid(cohort: Cohort) -> str:
    """What makes two files speak of one entry."""
    return f"cohort-{cohort.pk}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}"


def _event(cohort: Cohort, project: Project, sequence: int, starts_at: datetime, url: str) -> Event:
    event = Event()
    event.add("uid", entry_uid(cohort))
    event.add("sequence", sequence)
    # When this version came to be, as far as it can be told without a clock: later with each one.
    made = datetime.combine(project.created_at.astimezone(UTC).date(), time(), tzinfo=UTC)
    event.add("dtstamp", made + timedelta(minutes=sequence))
    event.add("dtstart", starts_at.astimezone(ZoneInfo(cohort.timezone)))
    event.add("duration", vDuration(LASTS))
    event.add("summary", mail_words.entry_title(clean(project.name), clean(cohort.name)))
    event.add("description", _description(project, url))
    if url:
        event.add("url", clean(url))
    event["organizer"] = _organizer()
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _description(project: Project, url: str) -> str:
    lines = [mail_words.entry_text()]
    if project.help_contact:
        lines.append(mail_words.entry_contact(clean(project.help_contact)))
    return "\n".join([*lines, url] if url else lines)


def _organizer() -> vCalAddress:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    if name:
        organizer.params["CN"] = vText(clean(name))
    return organizer


@lru_cache(maxsize=64)
def _zone(name: str, year: int) -> Timezone:
    around = datetime(year, 7, 1, tzinfo=UTC).date()
    return Timezone.from_tzid(name, first_date=around - AROUND, last_date=around + AROUND)
