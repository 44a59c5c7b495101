"""The top of a timeline and what runs down from it: months, bands, stages, today."""

from dashboards.charts.canvas import HEAD_END, Canvas
from dashboards.charts.labels import clamp, in_lanes, lane_heights
from dashboards.charts.marks import Box, Mark, Path, Rect, Text, bracket, text_width, vertical
from dashboards.charts.scale import GAP, ticks
from dashboards.charts.timeline_input import Band, TimelineInput

MONTHS_LINE = 33
MONTHS_TOP = 22
FLAG = 18
FLAG_TYPE = 11


def name_months(canvas: Canvas) -> None:
    size = canvas.frame.sub
    for tick in ticks(canvas.scale, size, canvas.words):
        if tick.label:
            canvas.sub(tick.label, tick.x + GAP, MONTHS_LINE)


def name_bands(canvas: Canvas, plan: TimelineInput) -> None:
    """The names of the window and the freezes, each above its band."""
    wanted = sorted(
        ((_band_name(canvas, plan, band), _middle(canvas, band)) for band in _bands(canvas, plan)),
        key=lambda item: item[1],
    )
    labels = in_lanes(
        wanted,
        size=canvas.frame.sub,
        left=canvas.left,
        right=canvas.right,
        most=canvas.frame.lane_label,
    )
    heights = lane_heights(labels, canvas.frame.sub)
    for label in labels:
        top = canvas.y + sum(heights[: label.lane])
        canvas.write(label.lines, label.x, top + canvas.frame.sub + 2)
    if labels:
        canvas.y += sum(heights) + 7


def name_stages(canvas: Canvas, plan: TimelineInput) -> None:
    """Brackets over the rows; a name longer than its bracket moves up, never over another."""
    stages = sorted(plan.stages, key=lambda stage: stage.starts_on)
    if not stages:
        return
    spans = [(canvas.scale.at(s.starts_on), canvas.scale.end(s.ends_on)) for s in stages]
    labels = in_lanes(
        [(s.title, (a + b) / 2) for s, (a, b) in zip(stages, spans, strict=True)],
        size=canvas.frame.sub,
        left=canvas.left,
        right=canvas.right,
        most=canvas.frame.lane_label,
        strong=True,
    )
    heights = lane_heights(labels, canvas.frame.sub)
    foot = canvas.y + sum(heights)
    for label, (start, end) in zip(labels, spans, strict=True):
        top = foot - sum(heights[: label.lane + 1])
        canvas.write(label.lines, label.x, top + canvas.frame.sub, strong=True)
        canvas.ground.append(bracket("tl-stage", start, max(end - 2, start + 1), foot + 2))
    canvas.y = foot + 11


def ground(canvas: Canvas, plan: TimelineInput, bottom: float) -> tuple[Mark, ...]:
    """Bands, month lines and today's line, through all rows and under everything else."""
    marks: list[Mark] = [_band(canvas, plan, band, bottom) for band in _bands(canvas, plan)]
    marks += [
        vertical("tl-grid", tick.x, MONTHS_TOP, bottom)
        for tick in ticks(canvas.scale, canvas.frame.sub, canvas.words)
        if tick.has_line
    ]
    if plan.window is not None and plan.window in _bands(canvas, plan):
        for x in _edges(canvas, plan.window):
            marks.append(vertical("tl-window-edge", x, HEAD_END, bottom))
    return tuple(marks)


def today_line(canvas: Canvas, plan: TimelineInput, bottom: float) -> tuple[Mark, ...]:
    if not canvas.scale.holds(plan.today):
        return ()
    return (vertical("tl-today", canvas.scale.middle(plan.today), FLAG + 2, bottom),)


def today_flag(canvas: Canvas, plan: TimelineInput) -> tuple[Mark, ...]:
    """The only red thing in the picture; its flag stays inside."""
    if not canvas.scale.holds(plan.today):
        return ()
    text = canvas.words.today.format(day=canvas.words.weekday(plan.today))
    width = text_width(text, FLAG_TYPE, strong=True) + 16
    middle = canvas.scale.middle(plan.today)
    x = round(clamp(middle - width / 2, 0, canvas.frame.width - width), 1)
    tip = round(clamp(middle, 4, canvas.frame.width - 4), 1)
    return (
        Rect(css="tl-today-flag", x=x, y=0, width=round(width, 1), height=FLAG, radius=2),
        Path(
            css="tl-today-flag",
            d=f"M{tip - 4:.1f} {FLAG}h8l-4 4z",
            box=Box(tip - 4, 18, tip + 4, 22),
        ),
        Text(
            text=text,
            x=round(x + width / 2, 1),
            y=13,
            size=FLAG_TYPE,
            css="tl-today-text",
            anchor="middle",
            strong=True,
            halo=False,
        ),
    )


def _bands(canvas: Canvas, plan: TimelineInput) -> tuple[Band, ...]:
    window = (plan.window,) if plan.window else ()
    every = (*window, *plan.freezes)
    return tuple(band for band in every if canvas.scale.touches(band.starts_on, band.ends_on))


def _band_name(canvas: Canvas, plan: TimelineInput, band: Band) -> str:
    words = canvas.words
    if band is not plan.window:
        return words.freeze if canvas.frame.is_narrow else band.title
    length = (band.ends_on - band.starts_on).days + 1
    if canvas.frame.is_narrow:
        return words.days.format(n=length)
    title = band.title or words.window.format(n=length)
    if band.starts_on <= plan.today <= band.ends_on:
        day = words.window_day.format(n=(plan.today - band.starts_on).days + 1)
        return f"{title} · {day}"
    return title


def _band(canvas: Canvas, plan: TimelineInput, band: Band, bottom: float) -> Rect:
    start, end = _edges(canvas, band)
    is_window = band is plan.window
    title = band.title or canvas.words.window.format(n=(band.ends_on - band.starts_on).days + 1)
    dates = canvas.words.full_dates(band.starts_on, band.ends_on)
    pattern = "{title}: {dates}" if is_window else canvas.words.freeze_title
    return Rect(
        css="tl-window" if is_window else "tl-freeze",
        fill="" if is_window else "hatch-freeze",
        x=start,
        y=HEAD_END,
        width=round(end - start, 1),
        height=round(bottom - HEAD_END, 1),
        title=pattern.format(title=title, dates=dates),
    )


def _edges(canvas: Canvas, band: Band) -> tuple[float, float]:
    return canvas.scale.at(band.starts_on), canvas.scale.end(band.ends_on)


def _middle(canvas: Canvas, band: Band) -> float:
    return sum(_edges(canvas, band)) / 2
