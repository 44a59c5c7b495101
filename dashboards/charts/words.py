"""The words of the timeline, so that its layout needs no translation machinery."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Names and sentence patterns; `dashboards.charts.translated` fills them for the reader."""

    months: tuple[str, ...] = (
        *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
        *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    )
    weekdays: tuple[str, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    day_pattern: str = "{day} {month}"
    thousands: str = ","
    today: str = "Today, {day}"
    milestones: str = "Milestones"
    of: str = "{done} of {total}"
    people: str = "{n} people"
    window_day: str = "day {n}"
    window: str = "{n}-day window"
    days: str = "{n} days"
    freeze: str = "Freeze"
    before: str = "Today, {day}, lies before this plan begins."
    after: str = "Today, {day}, lies after this plan ends."
    span: str = "{first} to {last}"
    phase_title: str = "{title}: {dates}, {count} steps done"
    step_title: str = "{title}: {dates}, {state}"
    freeze_title: str = "{title}: {dates}, no switching"
    told_from: str = "told from {day}"
    switch: str = "switch {day}"
    until: str = "survey by {day}"
    description: str = (
        "{phases} phases, {steps} steps, {cohorts} cohorts with their switch dates and "
        "{milestones} milestones, from {first} to {last}. "
        "The same dates stand in the table below."
    )
    states: dict[str, str] = field(
        default_factory=lambda: {
            "done": "done",
            "active": "in progress",
            "todo": "to do",
            "warn": "needs attention",
            "planned": "planned",
            "told": "told",
            "switched": "switched",
            "verified": "verified",
        }
    )

    def state(self, state: str) -> str:
        return self.states.get(state, state)

    def day(self, on: date) -> str:
        """9 Mar"""
        return self.day_pattern.format(day=on.day, month=self.months[on.month - 1])

    def weekday(self, on: date) -> str:
        """Tue 9 Mar"""
        return f"{self.weekdays[on.weekday()]} {self.day(on)}"

    def full(self, on: date) -> str:
        """Tue 9 Mar 2027"""
        return f"{self.weekday(on)} {on.year}"

    def month(self, on: date) -> str:
        return self.months[on.month - 1]

    def dates(self, starts_on: date, ends_on: date) -> str:
        """9 Mar – 2 Apr; one day stands alone."""
        if starts_on == ends_on:
            return self.day(starts_on)
        return f"{self.day(starts_on)} – {self.day(ends_on)}"

    def full_dates(self, starts_on: date, ends_on: date) -> str:
        if starts_on == ends_on:
            return self.full(starts_on)
        return self.span.format(first=self.full(starts_on), last=self.full(ends_on))

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", self.thousands)


ENGLISH = Words()
