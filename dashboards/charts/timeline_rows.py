"""The rows of phases and steps. Each row moves the pen down by its own height."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dashboards.charts.canvas import Canvas
from dashboards.charts.marks import Box, Group, Rect, Shape
from dashboards.charts.row_names import PHASE, STEP, name_row, say_beside
from dashboards.charts.timeline_input import PhaseRow, StepBar, TimelineInput

BAR = 12
GHOST = 3
STEP_BAR = 8
THIN_BAR = 4
THIN_PITCH = 6
LEAST_WIDTH = 3  # so that a day in five years can still be seen


def draw_phases(canvas: Canvas, plan: TimelineInput) -> None:
    for phase in plan.phases:
        canvas.rule()
        _draw_phase(canvas, phase, plan.today, () if plan.full else phase.steps)
        if plan.full:
            for step in phase.steps:
                _draw_step(canvas, step)


def _draw_phase(
    canvas: Canvas, phase: PhaseRow, today: date, thin_steps: Sequence[StepBar]
) -> None:
    words, frame = canvas.words, canvas.frame
    count = words.of.format(done=phase.done, total=phase.total)
    dates = words.dates(phase.starts_on, phase.ends_on)
    name = name_row(canvas, PHASE, phase.title, count, dates)
    shape_y = canvas.y + (1 if frame.is_narrow else PHASE.bar)
    canvas.texts += [
        Shape(symbol=phase.state, colour=phase.state, x=0, y=shape_y, size=frame.shape),
        *name.texts,
    ]
    marks = (*_ghost(canvas, phase, name.bar_y), *_phase_bar(canvas, phase, today, name.bar_y))
    title = words.phase_title.format(
        title=phase.title, dates=words.full_dates(phase.starts_on, phase.ends_on), count=count
    )
    canvas.bars.append(Group(title=title, marks=marks))
    bottom = name.bar_y + BAR + GHOST + 6
    bottom = say_beside(canvas, around(marks), dates, line=name.bar_y + 11, bottom=bottom)
    canvas.y = max(name.bottom, _draw_thin_steps(canvas, thin_steps, bottom))


def _draw_step(canvas: Canvas, step: StepBar) -> None:
    words, frame = canvas.words, canvas.frame
    dates = words.dates(step.starts_on, step.ends_on)
    name = name_row(canvas, STEP, step.title, "", dates)
    shape_y = canvas.y + (2 if frame.is_narrow else 5)
    shape = Shape(symbol=step.state, colour=step.state, x=name.x - 16, y=shape_y, size=11)
    bar = make_bar(canvas, _step_look(step), step.starts_on, step.ends_on, name.bar_y, STEP_BAR)
    canvas.bars.append(
        Group(title=_step_title(canvas, step), url=step.url, marks=(shape, *name.texts, bar))
    )
    bottom = max(name.bottom, name.bar_y + STEP_BAR + 6)
    canvas.y = say_beside(canvas, bar.box, dates, line=name.bar_y + 8, bottom=bottom)


def _draw_thin_steps(canvas: Canvas, steps: Sequence[StepBar], top: float) -> float:
    """Every step as a thin bar below its phase's, in as few lanes as dates allow; their bottom."""
    lanes: list[float] = []
    for step in sorted(steps, key=lambda step: (step.starts_on, step.ends_on)):
        bar = make_bar(
            canvas, _step_look(step), step.starts_on, step.ends_on, 0, THIN_BAR, radius=1
        )
        lane = next((n for n, end in enumerate(lanes) if end <= bar.x), len(lanes))
        lanes[lane : lane + 1] = [bar.box.right + 1]
        placed = replace(bar, y=top + lane * THIN_PITCH + 0.5)
        canvas.bars.append(Group(title=_step_title(canvas, step), marks=(placed,)))
    return top + len(lanes) * THIN_PITCH + 4 if lanes else top


def _step_look(step: StepBar) -> str:
    looks = {"done": "tl-step-done", "active": "tl-step-now", "warn": "tl-step-warn"}
    return looks.get(step.state, "tl-step-todo")


def _step_title(canvas: Canvas, step: StepBar) -> str:
    words = canvas.words
    dates = words.full_dates(step.starts_on, step.ends_on)
    return words.step_title.format(title=step.title, dates=dates, state=words.state(step.state))


def _phase_bar(canvas: Canvas, phase: PhaseRow, today: date, y: float) -> tuple[Rect, ...]:
    """Past: grey, full. Running: an outline filled by steps done, not time. To come: an outline."""
    if phase.ends_on < today or phase.state == "done":
        return (make_bar(canvas, "tl-bar-past", phase.starts_on, phase.ends_on, y, BAR),)
    is_running = phase.starts_on <= today or phase.done > 0
    css = "tl-bar-now" if is_running else "tl-bar"
    outline = make_bar(canvas, css, phase.starts_on, phase.ends_on, y, BAR)
    if not phase.done or not phase.total:
        return (outline,)
    width = round(outline.width * min(phase.done / phase.total, 1), 1)
    fill = Rect(css="tl-fill", x=outline.x, y=outline.y, width=width, height=BAR, radius=2)
    return outline, fill


def _ghost(canvas: Canvas, phase: PhaseRow, bar_y: float) -> tuple[Rect, ...]:
    start, end = phase.baseline_starts_on, phase.baseline_ends_on
    if start is None or end is None:
        return ()
    return (make_bar(canvas, "tl-ghost", start, end, bar_y + BAR + 2, GHOST, radius=0),)


def make_bar(
    canvas: Canvas, css: str, starts_on: date, ends_on: date, y: float, height: int, radius: int = 2
) -> Rect:
    """From the first day's beginning to the last day's end, half a unit in for a crisp outline."""
    start = min(canvas.scale.at(starts_on), canvas.right - LEAST_WIDTH - 1)
    width = max(canvas.scale.end(ends_on) - start - 1, LEAST_WIDTH)
    return Rect(
        css=css,
        x=round(start + 0.5, 1),
        y=y + 0.5,
        width=round(width, 1),
        height=height,
        radius=radius,
    )


def around(marks: Sequence[Rect]) -> Box:
    boxes = [mark.box for mark in marks]
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
