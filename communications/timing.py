"""When a message goes out: a rule and a day become a wall time and an instant. Pure, no clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from common.dates import instant
from common.working_days import first_working_day

COHORT_SWITCH, COHORT_END, SURVEY_OPEN = "cohort_switch", "cohort_end", "survey_open"
# Anchors whose day nobody knows before it has come.
OPEN_ANCHORS = frozenset({SURVEY_OPEN})


@dataclass(frozen=True, slots=True)
class Rule:
    """``offset_days`` after the anchor's day, at ``wall_time`` as clocks there show it."""

    anchor: str
    offset_days: int
    wall_time: time
    is_working_day: bool
    not_after_days: int


@dataclass(frozen=True, slots=True)
class Moment:
    """``wall_at`` is what the clock shows, written as if it were UTC; the rest are instants."""

    wall_at: datetime
    timezone: str
    due_at: datetime
    not_after: datetime


def moment(rule: Rule, anchor_on: date, zone: str) -> Moment:
    """The moment of ``rule`` when its anchor lies on ``anchor_on``, in ``zone``, where nobody's
    country is known."""
    return moment_on(rule, calendar_day(rule, anchor_on), zone)


def calendar_day(rule: Rule, anchor_on: date) -> date:
    """The day that ``rule`` means, whether anybody works on it or not."""
    return anchor_on + timedelta(days=rule.offset_days)


def moment_on(rule: Rule, day: date, zone: str, country: str = "") -> Moment:
    """The moment on ``day``, in ``zone``; on working days the first one of ``country`` (an alpha-2
    code, empty where nobody knows it) from ``day`` on. The last moment moves along."""
    if rule.is_working_day:
        day = first_working_day(day, country)
    last_day = day + timedelta(days=rule.not_after_days)
    return Moment(
        wall_at=datetime.combine(day, rule.wall_time, tzinfo=UTC),
        timezone=zone,
        due_at=instant(day, rule.wall_time, zone),
        not_after=instant(last_day, rule.wall_time, zone),
    )


def offset_words(offset_days: int) -> str:
    """ "T", "T+2", "T−21": how people who plan write it."""
    if offset_days == 0:
        return "T"
    return f"T{'+' if offset_days > 0 else '−'}{abs(offset_days)}"
