"""Four weeks as a table: which day holds what. Pure; the caller brings today and the entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

WEEKS = 4
WORKING_DAYS, ALL_DAYS = 5, 7


@dataclass(frozen=True, slots=True)
class Entry:
    """One line in a day. ``mark`` is the class of its edge, ``word`` says the same in words."""

    on: date
    title: str
    detail: str
    word: str
    mark: str
    pk: int
    is_switch: bool = False
    is_odd: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    is_today: bool
    is_past: bool
    is_month_named: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Week:
    number: int
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """``weeks`` hold Monday to Friday, and the weekend where something happens on one."""

    starts_on: date
    weeks: tuple[Week, ...]

    @property
    def ends_on(self) -> date:
        return self.weeks[-1].days[-1].on

    @property
    def head(self) -> tuple[date, ...]:
        return tuple(day.on for day in self.weeks[0].days)

    @property
    def earlier_on(self) -> date:
        return self.starts_on - timedelta(weeks=WEEKS)

    @property
    def later_on(self) -> date:
        return self.starts_on + timedelta(weeks=WEEKS)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def calendar(starts_on: date, today: date, entries: Iterable[Entry]) -> Calendar:
    """WEEKS weeks from ``starts_on``, a Monday. Entries of other days are left out."""
    by_day: dict[date, list[Entry]] = {}
    for entry in entries:
        by_day.setdefault(entry.on, []).append(entry)
    last = starts_on + timedelta(weeks=WEEKS)
    weekend = any(starts_on <= day < last and day.weekday() >= WORKING_DAYS for day in by_day)
    width = ALL_DAYS if weekend else WORKING_DAYS
    return Calendar(
        starts_on=starts_on,
        weeks=tuple(
            _week(starts_on + timedelta(weeks=n), width, today, by_day, is_first=n == 0)
            for n in range(WEEKS)
        ),
    )


def _week(
    start: date, width: int, today: date, by_day: dict[date, list[Entry]], *, is_first: bool
) -> Week:
    days = [start + timedelta(days=n) for n in range(width)]
    return Week(
        number=start.isocalendar().week,
        days=tuple(
            Day(
                on=day,
                is_today=day == today,
                is_past=day < today,
                is_month_named=(is_first and n == 0) or day.day == 1 or _first_shown(day, n, width),
                entries=tuple(by_day.get(day, ())),
            )
            for n, day in enumerate(days)
        ),
    )


def _first_shown(day: date, column: int, width: int) -> bool:
    """Monday the 2nd or 3rd where the 1st fell on a weekend that is not shown."""
    return column == 0 and day.day <= 1 + ALL_DAYS - width
