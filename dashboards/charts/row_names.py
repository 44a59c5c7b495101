"""The name of a row: in the column at the left of a wide picture, above the bar in a narrow one."""

from dataclasses import dataclass

from dashboards.charts.canvas import Canvas, Frame
from dashboards.charts.labels import beside
from dashboards.charts.marks import Box, Text, line_height, text_width, wrap

NARROW_LINE = 12  # from the row's top to the line its name stands on


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKind:
    """Measures of one kind of row, from its top: where the name stands and the bar begins."""

    css: str
    line: int
    bar: int
    least: int  # the height of a wide row with a name of one line
    narrow_bar: int  # below a name of one line
    inset: int = 0
    is_small: bool = False
    is_strong: bool = False


PHASE = RowKind(css="tl-text tl-strong", line=18, bar=7, least=28, narrow_bar=18, is_strong=True)
STEP = RowKind(css="tl-step", line=14, bar=6, least=20, narrow_bar=16, inset=18, is_small=True)
COHORT = RowKind(css="tl-text", line=16, bar=6, least=24, narrow_bar=17)


@dataclass(frozen=True, slots=True)
class Name:
    """The texts of a name, where it begins, where the bar begins, how far down the row goes."""

    texts: tuple[Text, ...]
    x: float
    bar_y: float
    bottom: float


def name_row(canvas: Canvas, kind: RowKind, title: str, count: str, right: str) -> Name:
    """Lay out a name with its ``count``; ``right`` stands at the edge of a narrow picture.

    A name too long for its room gets more lines, and its row grows.
    """
    frame, top = canvas.frame, canvas.y
    x = frame.indent + (0 if frame.is_narrow else kind.inset)
    end = frame.width if frame.is_narrow else frame.labels_end
    aside = right if frame.is_narrow else count
    lines, tail = _lines(frame, kind, title, count, aside, end - x)
    size = _size(frame, kind)
    first = top + (NARROW_LINE if frame.is_narrow else kind.line)
    texts = [
        Text(
            text=line,
            x=x,
            y=first + number * line_height(size),
            size=size,
            css=kind.css,
            strong=kind.is_strong,
            tail=tail if number == len(lines) - 1 else "",
        )
        for number, line in enumerate(lines)
    ]
    if aside:
        css = "tl-sub" if frame.is_narrow else "tl-num"
        texts.append(Text(text=aside, x=end, y=first, size=frame.sub, css=css, anchor="end"))
    more = line_height(size) * (len(lines) - 1)
    if frame.is_narrow:
        return Name(tuple(texts), x, top + kind.narrow_bar + more, top)
    return Name(tuple(texts), x, top + kind.bar, top + kind.least + more)


def _lines(
    frame: Frame, kind: RowKind, title: str, count: str, aside: str, room: float
) -> tuple[tuple[str, ...], str]:
    """The name in lines, the first beside ``aside``; and the count behind the last one.

    Only a narrow picture writes the count there, and where it has no room it is a line of its own.
    """
    first_room = room - (text_width(aside, frame.sub) + 8 if aside else 0)
    size = _size(frame, kind)
    lines = wrap(title, size, room, first=first_room, strong=kind.is_strong)
    if not count or not frame.is_narrow:
        return lines, ""
    tail = f" {count}"
    last = text_width(lines[-1], size, strong=kind.is_strong) + text_width(tail, size)
    if last > (room if len(lines) > 1 else first_room):
        return (*lines, count), ""
    return lines, tail


def _size(frame: Frame, kind: RowKind) -> int:
    return frame.sub if kind.is_small else frame.text


def say_beside(
    canvas: Canvas, box: Box, text: str, *, line: float, bottom: float, lead: str = ""
) -> float:
    """Write ``text`` right of ``box``, or left of it, or below it; returns the row's bottom then.

    Only in a wide picture: a narrow one has said it above the bar.
    """
    if canvas.frame.is_narrow:
        return bottom
    size = canvas.frame.sub
    width = text_width(text, size) + text_width(lead, size, strong=True)
    place = beside(width, box, left=canvas.left, right=canvas.right)
    if place:
        canvas.sub(text, place[0], line, place[1], lead=lead)
        return bottom
    canvas.sub(text, canvas.right, bottom + size - 2, "end", lead=lead)
    return bottom + line_height(size)
