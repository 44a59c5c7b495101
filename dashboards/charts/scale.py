"""From days to units, and the ticks of the time axis. An end date is the end of its day."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from dashboards.charts.marks import text_width
from dashboards.charts.words import Words

GAP = 4
WEEKLY_BELOW_DAYS = 70
MONTHLY_UP_TO_DAYS = 549  # eighteen months


@dataclass(frozen=True, slots=True)
class Scale:
    """``days`` days from ``first``, drawn between ``x0`` and ``x1``."""

    first: date
    days: int
    x0: float
    x1: float

    def at(self, on: date) -> float:
        """Where the day begins, kept inside the plot."""
        share = (on - self.first).days / self.days
        return round(self.x0 + min(max(share, 0.0), 1.0) * (self.x1 - self.x0), 1)

    def end(self, on: date) -> float:
        """Where the day ends, kept inside the plot."""
        return self.at(on + timedelta(days=1))

    def middle(self, on: date) -> float:
        return round((self.at(on) + self.end(on)) / 2, 1)

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    def holds(self, on: date) -> bool:
        return self.first <= on <= self.last

    def touches(self, starts_on: date, ends_on: date) -> bool:
        return starts_on <= self.last and ends_on >= self.first


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str
    has_line: bool = True
    alone: str = ""  # the label with its year, for when it comes first

    def right(self, size: int) -> float:
        return self.x + GAP + text_width(self.label, size)


def ticks(scale: Scale, size: int, words: Words) -> tuple[Tick, ...]:
    """The finest ticks whose labels all have room: weeks, fortnights, months, quarters, years …

    Weeks are for plans below ten weeks, months for those up to eighteen months.
    """
    tried: tuple[Tick, ...] = ()
    for tried in _candidates(scale, words):
        fitting = _fitting(tried, scale, size)
        if fitting is not None:
            return fitting
    return tuple(Tick(tick.x, "") for tick in tried)


def _candidates(scale: Scale, words: Words) -> Iterator[tuple[Tick, ...]]:
    if scale.days < WEEKLY_BELOW_DAYS:
        for weeks in (1, 2):
            yield _weeks(scale, weeks, words)
    steps = (1, 3, 6, 12) if scale.days <= MONTHLY_UP_TO_DAYS else (3, 6, 12)
    for months in (*steps, 24, 60, 120):
        for with_month in (True, False):
            yield _months(scale, months, words, with_month=with_month)


def _fitting(tried: tuple[Tick, ...], scale: Scale, size: int) -> tuple[Tick, ...] | None:
    """The ticks without what has no room at either end; None when they collide in between."""
    kept = list(tried)
    if len(kept) > 1 and not kept[0].has_line and kept[0].right(size) + GAP > kept[1].x:
        kept.pop(0)
        named = replace(kept[0], label=kept[0].alone or kept[0].label)
        if len(kept) == 1 or named.right(size) + GAP <= kept[1].x:
            kept[0] = named
    if kept and kept[-1].right(size) > scale.x1:
        kept[-1] = replace(kept[-1], label="")
    for one, following in pairwise(kept):
        if one.label and one.right(size) + GAP > following.x:
            return None
    return tuple(kept)


def _weeks(scale: Scale, weeks: int, words: Words) -> tuple[Tick, ...]:
    found = [Tick(scale.x0, words.full(scale.first), has_line=False)]
    monday = scale.first + timedelta(days=-scale.first.weekday() % 7)
    while monday <= scale.last:
        if monday == scale.first:
            found = []
        label = words.day(monday) if found else words.full(monday)
        found.append(Tick(scale.at(monday), label, monday != scale.first, words.full(monday)))
        monday += timedelta(weeks=weeks)
    return tuple(found)


def _months(scale: Scale, step: int, words: Words, *, with_month: bool) -> tuple[Tick, ...]:
    """Firsts of every ``step``-th month from January; the year with the first and January."""
    head = (
        f"{words.month(scale.first)} {scale.first.year}" if with_month else words.month(scale.first)
    )
    found = [Tick(scale.x0, head if step == 1 else str(scale.first.year), has_line=False)]
    number = scale.first.year * 12 + scale.first.month - 1
    if scale.first.day > 1:
        number += 1
    number += -number % step
    while (on := date(number // 12, number % 12 + 1, 1)) <= scale.last:
        label = words.month(on)
        if on.month == 1:
            label = f"{label} {on.year}" if with_month and step < 12 else str(on.year)
        if on == scale.first:
            found = []
            label = f"{words.month(on)} {on.year}" if with_month else label
        alone = f"{words.month(on)} {on.year}" if step < 12 else str(on.year)
        found.append(Tick(scale.at(on), label, on != scale.first, alone))
        number += step
    return tuple(found)
