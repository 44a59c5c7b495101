"""A person's switch in words of their own zone, and how to call them. Pure: ``at`` is given."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cohorts.booking import switch_instant
from cohorts.models import Cohort, Participant
from common.dates import is_zone, relative_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """``day`` and ``clock`` are in ``zone``; ``elsewhere`` says the same in the cohort's zone
    where that one shows another time, else it is empty."""

    at: datetime
    day: str
    short_day: str
    clock: str
    zone: str
    relative: str
    elsewhere: str

    @property
    def iso(self) -> str:
        return self.at.isoformat(timespec="minutes")


def zone_of(person: Participant, cohort: Cohort | None) -> str:
    """The person's own zone where the roster names a real one, else the cohort's or project's."""
    if is_zone(person.timezone):
        return person.timezone
    return cohort.timezone if cohort is not None else person.project.timezone


def moment_of(person: Participant, cohort: Cohort, at: datetime) -> Moment:
    zone = zone_of(person, cohort)
    starts_at = switch_instant(cohort)
    mine = starts_at.astimezone(ZoneInfo(zone))
    theirs = starts_at.astimezone(ZoneInfo(cohort.timezone))
    return Moment(
        at=mine,
        day=date_format(mine, pgettext("day in full", "l j F Y")),
        short_day=date_format(mine, pgettext("day and month", "j F")),
        clock=date_format(mine, "H:i"),
        zone=zone,
        relative=relative_day(mine.date(), at.astimezone(ZoneInfo(zone)).date()),
        elsewhere=_elsewhere(mine, theirs),
    )


def _elsewhere(mine: datetime, theirs: datetime) -> str:
    if mine.replace(tzinfo=None) == theirs.replace(tzinfo=None):
        return ""
    clock = date_format(theirs, "H:i")
    if mine.date() != theirs.date():
        clock = date_format(theirs, pgettext("moment of another day", "l j F, H:i"))
    return _("That is %(clock)s in %(zone)s.") % {"clock": clock, "zone": theirs.tzinfo}


def first_name(display_name: str) -> str:
    """How to greet somebody, without naming them to whoever the link was forwarded to: the first
    name of "Jonas Petersen" and of "Petersen, Jonas (IT)"."""
    _family, comma, rest = display_name.partition(",")
    words = (rest if comma and rest.strip() else display_name).split()
    return words[0].strip(",;") if words else ""
