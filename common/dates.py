"""Plain dates and zones, and how people say them: "in 12 days", "3 hours ago", a zone's line.

Without a clock: ``today`` and ``at`` always come from the caller.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SATURDAY = 5
DAYS_IN_WORDS = 60
MONTHS_IN_WORDS = 24
MONTH = 30.44
YEAR = 365.25


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every zone name this machine knows, in the spelling of the tz database."""
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    return name in zone_names()


def zone_fault(name: str) -> str:
    """Why ``name`` is no zone, in a sentence for whoever typed it; empty where it is one."""
    if is_zone(name):
        return ""
    return _("“%(name)s” is not a time zone. Write it like Europe/Berlin.") % {"name": name}


def local_day(at: datetime, zone: str) -> date:
    """The date that calendars in ``zone`` show at the aware instant ``at``."""
    return at.astimezone(ZoneInfo(zone)).date()


def instant(day: date, wall: time, zone: str) -> datetime:
    """The UTC instant at which clocks in ``zone`` show ``wall`` on ``day``.

    In a gap (clocks go forward) it is the first valid instant after the gap; in an overlap the
    first of the two.
    """
    local = datetime.combine(day, wall, tzinfo=ZoneInfo(zone))  # fold=0: the first of two
    at = local.astimezone(UTC)
    if at.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None):
        return at
    # The wall time does not exist. fold=0 used the offset before the gap, fold=1 the one after it;
    # the gap ends where both meet, which is the wall time read with the later offset's start.
    return _end_of_gap(local)


def _end_of_gap(local: datetime) -> datetime:
    before = local.replace(fold=1).astimezone(UTC)  # earlier instant, still before the change
    after = local.replace(fold=0).astimezone(UTC)  # later instant, after the change
    zone = local.tzinfo
    old_offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old_offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


# ---- in words


def relative_day(day: date, today: date) -> str:
    """How far ``day`` lies from ``today``; days up to 60, then months, then years."""
    days = (day - today).days
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    return near.get(days) or _ahead_or_ago(days)


def _ahead_or_ago(days: int) -> str:
    size = abs(days)
    if size <= DAYS_IN_WORDS:
        amount = ngettext("%(n)s day", "%(n)s days", size) % {"n": size}
    elif size < MONTHS_IN_WORDS * MONTH:
        months = round(size / MONTH)
        amount = ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    else:
        years = round(size / YEAR)
        amount = ngettext("%(n)s year", "%(n)s years", years) % {"n": years}
    return (_("in %(amount)s") if days > 0 else _("%(amount)s ago")) % {"amount": amount}


def relative_moment(value: datetime, at: datetime) -> str:
    """How far ``value`` lies from ``at``, both in the reader's zone: minutes, hours, then days."""
    gap = value - at
    minutes = int(abs(gap) / timedelta(minutes=1))
    if minutes == 0:
        return _("just now")
    if abs(gap) >= timedelta(hours=12) and value.date() != at.date():
        return relative_day(value.date(), at.date())
    if minutes < 60:
        amount = ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    else:
        amount = ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return (_("in %(amount)s") if gap > timedelta(0) else _("%(amount)s ago")) % {"amount": amount}


def zone_line(at: datetime) -> str:
    """ "Europe/Berlin (CET, UTC+1)" for the zone of ``at``, an aware datetime."""
    name, short = str(at.tzinfo), at.tzname() or ""
    offset = at.utcoffset() or timedelta(0)
    minutes = int(offset / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    shift = f"UTC{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
    if name == "UTC":
        return name
    # Zones without letters of their own report their offset as the short name.
    return f"{name} ({shift})" if short[:1] in "+-" else f"{name} ({short}, {shift})"
