"""Dates in words: "in 12 days", "3 hours ago", a zone's line. Pure: the present is a parameter."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

DAYS_IN_WORDS = 60
MONTHS_IN_WORDS = 24
MONTH = 30.44
YEAR = 365.25


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
