"""Plain dates and zones, without a clock: ``today`` and ``at`` always come from the caller."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

SATURDAY = 5


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every zone name this machine knows, in the spelling of the tz database."""
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    return name in zone_names()


def local_day(at: datetime, zone: str) -> date:
    """The date that calendars in ``zone`` show at the aware instant ``at``."""
    return at.astimezone(ZoneInfo(zone)).date()


def next_working_day(day: date) -> date:
    """``day`` itself, or the Monday after it when it falls on a weekend."""
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day


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
