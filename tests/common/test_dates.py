"""Wall times to instants, in every zone, against the transitions of the tz database itself.

The oracle knows nothing of folds: it walks through UTC in steps and writes down what clocks show.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.dates import instant, is_zone, local_day, zone_names

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
STEP = timedelta(days=14)
MINUTE = timedelta(minutes=1)


def transitions(zone: ZoneInfo) -> list[datetime]:
    """The instants (UTC) at which the offset changes, to the second, by bisection."""
    found, before = [], FIRST
    while before < LAST:
        after = before + STEP
        low, high = before, after
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            offset = low.astimezone(zone).utcoffset()
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                if middle.astimezone(zone).utcoffset() == offset:
                    low = middle
                else:
                    high = middle
            found.append(high.replace(microsecond=0))
        before = after
    return found


def first_instant_showing(wall: datetime, zone: ZoneInfo, change: datetime) -> datetime:
    """The oracle: of the minutes around ``change`` the first at which clocks show ``wall``; where
    none does, the change itself (clocks jump over it)."""
    at = change - timedelta(hours=26)
    while at < change + timedelta(hours=26):
        shown = at.astimezone(zone).replace(tzinfo=None, fold=0)
        if shown == wall:
            return at
        at += MINUTE
    return change


def rare(zones: frozenset[str]) -> list[str]:
    """One name for each distinct set of rules, so that aliases are not walked twice."""
    seen: dict[tuple[object, ...], str] = {}
    for name in sorted(zones):
        zone = ZoneInfo(name)
        rules = tuple(
            (FIRST + timedelta(days=days)).astimezone(zone).utcoffset()
            for days in range(0, 5 * 365, 7)
        )
        seen.setdefault(rules, name)
    return list(seen.values())


def test_every_zone_resolves_the_walls_around_its_changes() -> None:
    checked = 0
    for name in rare(zone_names()):
        zone = ZoneInfo(name)
        for change in transitions(zone):
            old = (change - MINUTE).astimezone(zone).utcoffset() or timedelta(0)
            new = change.astimezone(zone).utcoffset() or timedelta(0)
            edge = (change + old).replace(tzinfo=None)  # what old clocks would show
            jump = new - old
            for wall in (edge - MINUTE, edge, edge + jump / 2, edge + jump, edge + jump - MINUTE):
                wall = wall.replace(second=0, microsecond=0)
                expected = first_instant_showing_quick(wall, zone, change, old, new)
                got = instant(wall.date(), wall.time(), name)
                assert got == expected, (name, wall)
                checked += 1
    assert checked > 1000


def first_instant_showing_quick(
    wall: datetime, zone: ZoneInfo, change: datetime, old: timedelta, new: timedelta
) -> datetime:
    """The oracle's answer by reading both offsets: the earlier reading that clocks really show."""
    readings = sorted((wall - offset).replace(tzinfo=UTC) for offset in (old, new))
    for at in readings:
        if at.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
            return at
    return change


@pytest.mark.parametrize(
    ("name", "day", "wall", "expected"),
    [
        # a gap: 02:30 is never shown, the first instant after it is 03:00 CEST
        ("Europe/Berlin", date(2027, 3, 28), time(2, 30), "2027-03-28T01:00:00+00:00"),
        ("Europe/Berlin", date(2027, 3, 28), time(2, 0), "2027-03-28T01:00:00+00:00"),
        ("Europe/Berlin", date(2027, 3, 28), time(3, 0), "2027-03-28T01:00:00+00:00"),
        # an overlap: the first of two
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30:00+00:00"),
        ("Europe/Berlin", date(2026, 10, 25), time(3, 0), "2026-10-25T02:00:00+00:00"),
        # half an hour, and a change at midnight
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:30:00+00:00"),
        ("America/Santiago", date(2026, 9, 6), time(0, 30), "2026-09-06T04:00:00+00:00"),
        ("Asia/Kathmandu", date(2027, 1, 1), time(9, 0), "2027-01-01T03:15:00+00:00"),
        ("UTC", date(2027, 1, 1), time(9, 0), "2027-01-01T09:00:00+00:00"),
    ],
)
def test_instants_known_by_hand(name: str, day: date, wall: time, expected: str) -> None:
    assert instant(day, wall, name).isoformat() == expected


def test_quick_oracle_agrees_with_the_slow_one() -> None:
    for name in ("Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"):
        zone = ZoneInfo(name)
        for change in transitions(zone)[:2]:
            old = (change - MINUTE).astimezone(zone).utcoffset() or timedelta(0)
            new = change.astimezone(zone).utcoffset() or timedelta(0)
            for minutes in (-90, -30, 0, 30, 90):
                wall = (change + old).replace(tzinfo=None) + timedelta(minutes=minutes)
                assert first_instant_showing_quick(
                    wall, zone, change, old, new
                ) == first_instant_showing(wall, zone, change)


@settings(max_examples=300, deadline=None)
@given(
    at=st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC)),
    name=st.sampled_from(sorted(zone_names())),
)
def test_what_clocks_show_leads_back_to_the_first_such_instant(at: datetime, name: str) -> None:
    shown = at.replace(second=0, microsecond=0).astimezone(ZoneInfo(name))
    back = instant(shown.date(), shown.time(), name)
    assert back.astimezone(ZoneInfo(name)).replace(tzinfo=None) == shown.replace(
        tzinfo=None, fold=0
    )
    assert back <= at


def test_local_day_is_the_date_on_the_calendar_there() -> None:
    at = datetime(2027, 1, 4, 23, 30, tzinfo=UTC)
    days = {name: local_day(at, name).day for name in ("UTC", "Europe/Berlin", "Pacific/Honolulu")}
    assert days == {"UTC": 4, "Europe/Berlin": 5, "Pacific/Honolulu": 4}


@pytest.mark.parametrize("name", ["", "Mars/Base", "europe/berlin", "../etc/passwd", "CEST\0"])
def test_names_that_are_no_zones(name: str) -> None:
    assert not is_zone(name)
