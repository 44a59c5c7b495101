"""Where labels go so that none meets another: lanes above the rows, and the milestones' rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboards.charts.marks import Box, line_height, text_width, wrap

GAP = 4


@dataclass(frozen=True, slots=True)
class Label:
    """A placed label: its lines, where their ``anchor`` stands, and the lane counted from 0."""

    lines: tuple[str, ...]
    x: float
    lane: int
    anchor: str = "middle"


def in_lanes(
    wanted: Iterable[tuple[str, float]],
    *,
    size: int,
    left: float,
    right: float,
    most: float,
    strong: bool = False,
) -> tuple[Label, ...]:
    """Labels (text, middle) centred, pushed inside the plot, each in the first lane with room."""
    taken: list[list[tuple[float, float]]] = []
    placed = []
    for text, middle in wanted:
        lines = wrap(text, size, min(most, right - left), strong=strong)
        width = max(text_width(line, size, strong=strong) for line in lines)
        start = clamp(middle - width / 2, left, right - width)
        lane = _free_lane(taken, start, start + width)
        placed.append(Label(lines, round(start + width / 2, 1), lane))
    return tuple(placed)


def lane_heights(labels: Sequence[Label], size: int) -> tuple[int, ...]:
    """How high each lane must be for its tallest label."""
    lanes = 1 + max((label.lane for label in labels), default=-1)
    return tuple(
        line_height(size)
        * max((len(label.lines) for label in labels if label.lane == lane), default=0)
        for lane in range(lanes)
    )


def beside_diamonds(
    wanted: Sequence[tuple[str, float]],
    *,
    size: int,
    reach: int,
    left: float,
    right: float,
    most: float,
) -> tuple[Label, ...]:
    """Labels of diamonds at (text, x): right of it, else left of it, else centred in a lane below.

    Lane 0 is the diamonds' own. Four lanes are enough for any plan a person would read; when more
    are needed they are there, for a label is never dropped and never laid over another.
    """
    diamonds = [(x - reach, x + reach) for _text, x in wanted]
    lanes: list[list[tuple[float, float]]] = [[]]
    placed = []
    for number, (text, x) in enumerate(wanted):
        lines = wrap(text, size, min(most, right - left))
        width = max(text_width(line, size) for line in lines)
        others = [*diamonds[:number], *diamonds[number + 1 :], *lanes[0]]
        start = _beside(x, width, reach, others, left, right) if len(lines) == 1 else None
        if start is not None:
            lanes[0].append((start, start + width))
            is_right = start > x
            edge = start if is_right else start + width
            placed.append(Label(lines, round(edge, 1), 0, "start" if is_right else "end"))
            continue
        start = clamp(x - width / 2, left, right - width)
        below = lanes[1:]
        lane = 1 + _free_lane(below, start, start + width)
        lanes[1:] = below
        placed.append(Label(lines, round(start + width / 2, 1), lane))
    return tuple(placed)


def beside(
    width: float, box: Box, *, left: float, right: float, gap: float = 8
) -> tuple[float, str] | None:
    """Where a text of ``width`` stands next to ``box``: (x, anchor); None without room."""
    if box.right + gap + width <= right:
        return box.right + gap, "start"
    if box.left - gap - width >= left:
        return box.left - gap, "end"
    return None


def clamp(value: float, low: float, high: float) -> float:
    return max(low, min(value, high))


def _beside(
    x: float,
    width: float,
    reach: int,
    others: Sequence[tuple[float, float]],
    left: float,
    right: float,
) -> float | None:
    for start in (x + reach + 3, x - reach - 3 - width):
        inside = start >= left and start + width <= right
        if inside and not any(_meets(start, start + width, other) for other in others):
            return start
    return None


def _free_lane(taken: list[list[tuple[float, float]]], start: float, end: float) -> int:
    """The first lane in which nothing comes within GAP; a new one when all are full."""
    for number, lane in enumerate(taken):
        if not any(_meets(start, end, other) for other in lane):
            lane.append((start, end))
            return number
    taken.append([(start, end)])
    return len(taken) - 1


def _meets(start: float, end: float, other: tuple[float, float]) -> bool:
    return start < other[1] + GAP and other[0] < end + GAP
