"""When will everybody have switched? From the pace of the last finished cohorts. Pure.

The pace is the median of the last three; the band holds the pace of the next cohort four times in
five, if cohorts go on differing as these do (Student's t over logarithms, because a pace is never
negative). Two cohorts say little, so their band is wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, exp, log, sqrt
from statistics import median, stdev

LEAST, MOST = 2, 3
# Quantile 0.9 of Student's t with one and two degrees of freedom.
T_OF = {2: 3.078, 3: 1.886}
FURTHEST = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class Pace:
    """A finished cohort: ``people`` switched in ``days`` days, at least one of each."""

    people: int
    days: int

    @property
    def rate(self) -> float:
        return self.people / self.days


@dataclass(frozen=True, slots=True)
class Forecast:
    """People a day, and the days on which the last person would switch.

    ``latest`` is None where that is more than three years ahead.
    """

    cohorts: int
    rate: float
    slow: float
    fast: float
    ends_on: date | None
    earliest: date | None
    latest: date | None


def forecast(paces: Sequence[Pace], *, left: int, today: date) -> Forecast | None:
    """``paces`` oldest first, ``left`` people have not switched. None below two cohorts."""
    rates = [pace.rate for pace in paces if pace.people and pace.days][-MOST:]
    if len(rates) < LEAST:
        return None
    middle = median(rates)
    reach = T_OF[len(rates)] * stdev(map(log, rates)) * sqrt(1 + 1 / len(rates))
    slow, fast = middle * exp(-reach), middle * exp(reach)
    return Forecast(
        cohorts=len(rates),
        rate=middle,
        slow=slow,
        fast=fast,
        ends_on=_day(left, middle, today),
        earliest=_day(left, fast, today),
        latest=_day(left, slow, today),
    )


def _day(left: int, rate: float, today: date) -> date | None:
    days = timedelta(days=min(ceil(left / rate), FURTHEST.days + 1))
    return today + days if days <= FURTHEST else None
