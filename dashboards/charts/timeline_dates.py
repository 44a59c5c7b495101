"""The rows below the phases: cohorts with their switch dates, and milestones."""

from collections.abc import Sequence

from dashboards.charts.canvas import Canvas
from dashboards.charts.labels import beside_diamonds, clamp, lane_heights
from dashboards.charts.marks import (
    Box,
    Group,
    Path,
    Text,
    circle,
    diamond,
    half_circle,
    horizontal,
    tick,
    vertical,
)
from dashboards.charts.row_names import COHORT, name_row, say_beside
from dashboards.charts.timeline_input import CohortRow, MilestoneMark

DOT = 6  # radius of a switch
REACH = 6  # of a milestone's diamond


def draw_cohorts(canvas: Canvas, cohorts: Sequence[CohortRow]) -> None:
    if cohorts:
        canvas.y += 5
        canvas.rule()
    for cohort in cohorts:
        _draw_cohort(canvas, cohort)


def draw_milestones(canvas: Canvas, milestones: Sequence[MilestoneMark]) -> None:
    """Diamonds in one row; their names right, left or below, by the collision rule."""
    if not milestones:
        return
    canvas.rule()
    frame, words = canvas.frame, canvas.words
    y = canvas.y + (28 if frame.is_narrow else 15)
    _head_milestones(canvas, y)
    ordered = sorted(milestones, key=lambda milestone: milestone.on)
    places = [_inside(canvas, milestone) for milestone in ordered]
    labels = beside_diamonds(
        [(milestone.title, x) for milestone, x in zip(ordered, places, strict=True)],
        size=frame.sub,
        reach=REACH,
        left=canvas.left,
        right=canvas.right,
        most=frame.lane_label,
    )
    heights = lane_heights(labels, frame.sub)[1:]
    for milestone, x, label in zip(ordered, places, labels, strict=True):
        title = f"{milestone.title}: {words.full(milestone.on)}"
        css = "tl-ms-done" if milestone.reached else "tl-ms"
        canvas.bars.append(diamond(css, x, y, REACH, title))
        line = y + 4
        if label.lane:
            line = y + REACH + frame.sub + 2 + sum(heights[: label.lane - 1])
            canvas.ground.append(vertical("tl-hair", x, y + REACH + 1, line - 9))
        canvas.write(label.lines, label.x, line, label.anchor)
    canvas.y = y + REACH + 6 + sum(heights)


def _head_milestones(canvas: Canvas, y: float) -> None:
    frame = canvas.frame
    x, line = (0, canvas.y + 14) if frame.is_narrow else (frame.indent, y + 4)
    canvas.texts.append(
        Text(text=canvas.words.milestones, x=x, y=line, size=frame.text, css="tl-text")
    )


def _inside(canvas: Canvas, milestone: MilestoneMark) -> float:
    middle = canvas.scale.middle(milestone.on)
    return clamp(middle, canvas.left + REACH + 1, canvas.right - REACH - 1)


def _draw_cohort(canvas: Canvas, cohort: CohortRow) -> None:
    words = canvas.words
    state, day = words.state(cohort.state), words.weekday(cohort.switch_on)
    number = words.number(cohort.people)
    count = words.people.format(n=number) if canvas.frame.is_narrow else number
    right = f"{state[:1].upper()}{state[1:]} · {day}"
    name = name_row(canvas, COHORT, cohort.name, count, right)
    canvas.texts += name.texts
    y = name.bar_y + DOT
    marks = _path_of(canvas, cohort, y)
    canvas.bars.append(Group(title=_cohort_title(canvas, cohort), marks=marks))
    box = Box(min(mark.box.left for mark in marks), y, max(mark.box.right for mark in marks), y)
    bottom = max(name.bottom, y + 2 * DOT)
    canvas.y = say_beside(canvas, box, f" · {state}", line=y + 4, bottom=bottom, lead=day)


def _path_of(canvas: Canvas, cohort: CohortRow, y: float) -> tuple[Path, ...]:
    """A line from the announcement to the switch, a circle on it, dots to the survey's end."""
    scale = canvas.scale
    x = clamp(scale.middle(cohort.switch_on), canvas.left + DOT + 1, canvas.right - DOT - 1)
    marks = []
    if cohort.announce_on is not None and cohort.announce_on < cohort.switch_on:
        marks.append(horizontal("tl-run", scale.at(cohort.announce_on), x, y))
    if cohort.ends_on is not None and cohort.ends_on > cohort.switch_on:
        marks.append(horizontal("tl-run-after", x, scale.end(cohort.ends_on), y))
    marks.append(circle("tl-dot", x, y, DOT))
    if cohort.state == "switched":
        marks.append(half_circle("tl-dot-fill", x, y, DOT))
    if cohort.state == "verified":
        marks += [circle("tl-dot-fill", x, y, DOT), tick("tl-tick", x, y)]
    return tuple(marks)


def _cohort_title(canvas: Canvas, cohort: CohortRow) -> str:
    words = canvas.words
    said = [words.switch.format(day=words.full(cohort.switch_on))]
    if cohort.announce_on is not None:
        said.insert(0, words.told_from.format(day=words.full(cohort.announce_on)))
    if cohort.ends_on is not None:
        said.append(words.until.format(day=words.full(cohort.ends_on)))
    return f"{cohort.name}: {', '.join(said)}, {words.state(cohort.state)}"
