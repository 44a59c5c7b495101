"""The timeline as a picture: a plan goes in, two drawings and a table with the same dates come out.

Pure: no Django, no clock, no database; also draws a plan that is not saved yet. Lengths are units
of the view box, dates are plain days, the last day of anything is drawn to its end.
"""

from dataclasses import dataclass

from dashboards.charts.canvas import NARROW, WIDE, WIDE_FULL, Canvas, Frame
from dashboards.charts.marks import Group, Mark
from dashboards.charts.scale import Scale
from dashboards.charts.timeline_dates import draw_cohorts, draw_milestones
from dashboards.charts.timeline_head import (
    ground,
    name_bands,
    name_months,
    name_stages,
    today_flag,
    today_line,
)
from dashboards.charts.timeline_input import (
    Band,
    CohortRow,
    MilestoneMark,
    PhaseRow,
    Stage,
    StepBar,
    TimelineInput,
)
from dashboards.charts.timeline_rows import draw_phases
from dashboards.charts.timeline_table import TableRow, rows_of
from dashboards.charts.words import ENGLISH, Words

__all__ = [
    "Band",
    "CohortRow",
    "Drawing",
    "MilestoneMark",
    "PhaseRow",
    "Stage",
    "StepBar",
    "Timeline",
    "TimelineInput",
    "draw",
]

LEAST_MARGIN_DAYS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One picture: its marks in painting order. `key` is "wide" or "narrow"."""

    key: str
    width: int
    height: int
    marks: tuple[Mark, ...]

    @property
    def is_linked(self) -> bool:
        """Whether it leads to pages; a picture that does must not be announced as one image."""
        return any(isinstance(mark, Group) and mark.url for mark in self.marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The picture twice, for wide and for narrow screens; its legend's entries and its table."""

    plan: TimelineInput
    description: str
    note: str
    wide: Drawing
    narrow: Drawing
    legend: frozenset[str]
    rows: tuple[TableRow, ...]
    has_baseline: bool


def draw(plan: TimelineInput, words: Words = ENGLISH) -> Timeline:
    """Lay the plan out. The same input gives the same picture."""
    return Timeline(
        plan=plan,
        description=_description(plan, words),
        note=_note(plan, words),
        wide=_drawing(plan, WIDE_FULL if plan.full else WIDE, words),
        narrow=_drawing(plan, NARROW, words),
        legend=_legend(plan),
        rows=rows_of(plan, words),
        has_baseline=any(phase.baseline_ends_on for phase in plan.phases),
    )


def _drawing(plan: TimelineInput, frame: Frame, words: Words) -> Drawing:
    canvas = Canvas(frame=frame, scale=_scale(plan, frame), words=words)
    name_months(canvas)
    name_bands(canvas, plan)
    name_stages(canvas, plan)
    draw_phases(canvas, plan)
    draw_cohorts(canvas, plan.cohorts)
    draw_milestones(canvas, plan.milestones)
    bottom = round(canvas.y, 1)
    marks = (
        *ground(canvas, plan, bottom),
        *canvas.ground,
        *today_line(canvas, plan, bottom),
        *canvas.bars,
        *canvas.texts,
        *today_flag(canvas, plan),
    )
    return Drawing(key=frame.key, width=frame.width, height=int(bottom) + 6, marks=marks)


def _scale(plan: TimelineInput, frame: Frame) -> Scale:
    """A few days more than the plan, so that its last bar does not touch the edge."""
    days = (plan.last_on - plan.first_on).days + 1
    return Scale(plan.first_on, days + max(LEAST_MARGIN_DAYS, days // 60), frame.x0, frame.width)


def _description(plan: TimelineInput, words: Words) -> str:
    return words.description.format(
        phases=len(plan.phases),
        steps=sum(len(phase.steps) for phase in plan.phases),
        cohorts=len(plan.cohorts),
        milestones=len(plan.milestones),
        first=words.full(plan.first_on),
        last=words.full(plan.last_on),
    )


def _note(plan: TimelineInput, words: Words) -> str:
    """Said in the head where today has no line in the picture."""
    if plan.today < plan.first_on:
        return words.before.format(day=words.full(plan.today))
    if not _scale(plan, WIDE).holds(plan.today):
        return words.after.format(day=words.full(plan.today))
    return ""


def _legend(plan: TimelineInput) -> frozenset[str]:
    steps = [step for phase in plan.phases for step in phase.steps]
    shown = {
        "phases": bool(plan.phases),
        "steps": bool(steps) and not plan.full,
        "warn": any(step.state == "warn" for step in steps),
        "baseline": any(phase.baseline_ends_on for phase in plan.phases),
        "cohorts": bool(plan.cohorts),
        "milestones": bool(plan.milestones),
        "freezes": bool(plan.freezes),
        "window": plan.window is not None,
    }
    return frozenset(key for key, is_shown in shown.items() if is_shown)
