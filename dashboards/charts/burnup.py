"""People over time: planned, switched, verified, and a forecast with its band. Pure: no Django.

The same input gives the same picture. Lines differ in dashes and carry their names, so that they
are told apart without colours; the table has the same numbers.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dashboards.charts.canvas import Frame
from dashboards.charts.labels import clamp
from dashboards.charts.marks import Box, Mark, Path, Text, text_width
from dashboards.charts.scale import Scale, ticks
from dashboards.charts.timeline import Drawing
from dashboards.charts.words import ENGLISH, Words
from dashboards.forecast import Forecast

TOP, FOOT = 24, 26
NAME = "bu-name"
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Point:
    """People who had switched, and were seen upgraded, by the end of ``day``."""

    day: date
    switched: int
    verified: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnUp:
    """``plan``: (day, people whose switch is planned up to it); ``total``: everybody in it."""

    points: Sequence[Point]
    plan: Sequence[tuple[date, int]]
    total: int
    today: date
    forecast: Forecast | None

    @property
    def switched(self) -> int:
        return self.points[-1].switched if self.points else 0

    @property
    def verified(self) -> int:
        return self.points[-1].verified if self.points else 0

    @property
    def is_over(self) -> bool:
        return self.switched >= self.total > 0

    def rows(self) -> list[tuple[date, int, Point | None]]:
        """The picture as a table: every day of the plan and today with what was so then.

        The point is None for days to come.
        """
        days = sorted({day for day, _people in self.plan} | {self.today})
        return [(day, self.planned(day), self._then(day)) for day in days]

    def planned(self, day: date) -> int:
        place = bisect_right(self.plan, day, key=lambda step: step[0])
        return self.plan[place - 1][1] if place else 0

    def _then(self, day: date) -> Point | None:
        if day > self.today:
            return None
        place = bisect_right(self.points, day, key=lambda point: point.day)
        found = self.points[place - 1] if place else Point(day, 0, 0)
        return Point(day, found.switched, found.verified)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the lines are called."""

    planned: str = "Planned"
    switched: str = "Switched"
    verified: str = "Verified"
    forecast: str = "Forecast"


@dataclass(frozen=True, slots=True)
class Sheet:
    """From days and people to units of the drawing."""

    scale: Scale
    top: int
    foot: int
    most: int

    def y(self, people: float) -> float:
        return round(self.foot - (self.foot - self.top) * people / self.most, 1)


WIDE = Frame(key="wide", width=1016, x0=52, text=12, sub=11, shape=14, indent=22, lane_label=120)
NARROW = Frame(key="narrow", width=358, x0=44, text=13, sub=12, shape=13, indent=19, lane_label=110)


def draw_burnup(
    data: BurnUp, words: Words = ENGLISH, names: Names | None = None
) -> tuple[Drawing, Drawing]:
    """The wide and the narrow picture."""
    called = names or Names()
    return _draw(data, WIDE, 300, words, called), _draw(data, NARROW, 240, words, called)


def nice_steps(most: int) -> tuple[int, int]:
    """(step, top) of an axis of at most five steps that holds ``most`` people."""
    size = 1
    while True:
        for factor in STEPS:
            step = int(size * factor)
            if step == size * factor and step * 5 >= most:
                return step, step * max(-(-most // step), 1)
        size *= 10


def _draw(data: BurnUp, frame: Frame, height: int, words: Words, names: Names) -> Drawing:
    step, most = nice_steps(max(data.total, data.switched, 1))
    first, last = _days(data)
    names_width = max(label.width for label in _named(data, frame, words, names))
    left = 10 + text_width(_number(most, words), frame.sub)
    scale = Scale(first, (last - first).days + 1, round(left), frame.width - names_width - 12)
    sheet = Sheet(scale, TOP, height - FOOT, most)
    marks: list[Mark] = [*_axes(sheet, step, frame, words)]
    marks += _forecast(data, sheet)
    marks.append(_line("bu-plan", _stairs(data.plan, sheet, last)))
    marks.append(_line("bu-switched", _stairs(_switched(data), sheet, data.today)))
    marks.append(_line("bu-verified", _stairs(_verified(data), sheet, data.today)))
    x = scale.end(data.today)
    marks.append(Path(css="tl-today", d=f"M{x} {TOP - 6}V{sheet.foot}", box=Box(x, TOP, x, TOP)))
    marks += _labels(data, sheet, frame, words, names)
    return Drawing(key=frame.key, width=frame.width, height=height, marks=tuple(marks))


def _days(data: BurnUp) -> tuple[date, date]:
    """The days to be shown: a band that reaches years ahead does not squeeze the plan."""
    known = [data.today, *(day for day, _p in data.plan), *(point.day for point in data.points)]
    first, last = min(known) - timedelta(days=3), max(known) + timedelta(days=3)
    if data.forecast and data.forecast.ends_on and not data.is_over:
        wanted = data.forecast.latest or data.forecast.ends_on
        last = max(last, data.forecast.ends_on, min(wanted, last + 2 * (last - first)))
    return first, last


def _axes(sheet: Sheet, step: int, frame: Frame, words: Words) -> Iterable[Mark]:
    scale = sheet.scale
    for people in range(0, sheet.most + 1, step):
        y = sheet.y(people)
        yield Path(
            css="tl-grid", d=f"M{scale.x0} {y}H{scale.x1}", box=Box(scale.x0, y, scale.x1, y)
        )
        text = _number(people, words)
        yield Text(text=text, x=scale.x0 - 6, y=y + 4, size=frame.sub, anchor="end")
    for tick in ticks(scale, frame.sub, words):
        if tick.has_line:
            d = f"M{tick.x} {sheet.foot}v5"
            yield Path(css="tl-hair", d=d, box=Box(tick.x, sheet.foot, tick.x, sheet.foot + 5))
        if tick.label:
            yield Text(text=tick.label, x=tick.x + 4, y=sheet.foot + 16, size=frame.sub)


def _stairs(steps: Sequence[tuple[date, int]], sheet: Sheet, until: date) -> str:
    """From nobody up, a step on each day, level up to ``until``."""
    if not steps:
        return ""
    scale = sheet.scale
    d = f"M{scale.x0} {sheet.y(0)}"
    for day, people in steps:
        d += f"H{scale.end(day)}V{sheet.y(people)}"
    return f"{d}H{scale.end(max(until, steps[-1][0]))}"


def _switched(data: BurnUp) -> list[tuple[date, int]]:
    return [(point.day, point.switched) for point in data.points]


def _verified(data: BurnUp) -> list[tuple[date, int]]:
    return [(point.day, point.verified) for point in data.points]


def _forecast(data: BurnUp, sheet: Sheet) -> Iterable[Mark]:
    if data.forecast is None or data.is_over:
        return
    x, y = sheet.scale.end(data.today), sheet.y(data.switched)
    fast = _ray(data, sheet, data.forecast.fast)
    slow = _ray(data, sheet, data.forecast.slow)
    corner = f"L{sheet.scale.x1} {sheet.y(data.total)}" if fast[0] < sheet.scale.x1 else ""
    band = f"M{x} {y}L{fast[0]} {fast[1]}{corner}L{slow[0]} {slow[1]}Z"
    yield Path(css="bu-band", d=band, box=Box(x, fast[1], sheet.scale.x1, y))
    end = _ray(data, sheet, data.forecast.rate)
    yield Path(css="bu-forecast", d=f"M{x} {y}L{end[0]} {end[1]}", box=Box(x, end[1], end[0], y))


def _ray(data: BurnUp, sheet: Sheet, rate: float) -> tuple[float, float]:
    """Where a line of ``rate`` people a day from today meets everybody, or the right edge."""
    left = data.total - data.switched
    days = left / rate
    room = (sheet.scale.last - data.today).days
    if days <= room:
        return sheet.scale.end(data.today + timedelta(days=round(days))), sheet.y(data.total)
    return sheet.scale.x1, sheet.y(data.switched + rate * room)


def _line(css: str, d: str) -> Path:
    return Path(css=css, d=d, box=Box(0, 0, 0, 0))


def _labels(data: BurnUp, sheet: Sheet, frame: Frame, words: Words, names: Names) -> Iterable[Mark]:
    """Each line's name right of the plot, at the height of its end, pushed apart."""
    placed: float = sheet.top - 100
    for label in _named(data, frame, words, names):
        # Until here `y` was a number of people.
        placed = max(sheet.y(label.y) + 4, placed + frame.sub + 4)
        yield replace(label, x=sheet.scale.x1 + 8, y=placed)
    day = words.today.format(day=words.day(data.today))
    reach = text_width(day, frame.sub) / 2
    x = clamp(sheet.scale.end(data.today), reach, frame.width - reach)
    yield Text(text=day, x=x, y=TOP - 10, size=frame.sub, anchor="middle", css="bu-today")


def _named(data: BurnUp, frame: Frame, words: Words, names: Names) -> list[Text]:
    """The names of the lines, highest first; where they stand is found later."""
    wanted = [(data.total, names.planned)]
    if data.points:
        wanted += [(data.switched, names.switched), (data.verified, names.verified)]
    return [
        Text(text=f" {name}", lead=_number(people, words), x=0, y=people, size=frame.sub, css=NAME)
        for people, name in sorted(wanted, key=lambda one: -one[0])
    ]


def _number(people: int, words: Words) -> str:
    return f"{people:,}".replace(",", words.thousands)
