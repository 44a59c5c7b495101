"""What a picture is made of: rectangles, paths, texts and shapes with coordinates. No Django.

All lengths are units of the drawing's view box. The width of a text is an estimate that errs on
the wide side, so that what does not collide here does not collide in a browser either.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

CHARACTER = 0.54  # of the font size, on average, in the faces of our font stack
WIDE_CHARACTER = 1.05
STRONG = 1.07  # semi-bold runs this much wider


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def hits(self, other: "Box", gap: float = 0) -> bool:
        """Whether the two come nearer than ``gap`` sideways, on any common height."""
        across = self.left < other.right + gap and other.left < self.right + gap
        return across and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    css: str
    x: float
    y: float
    width: float
    height: float
    radius: int = 0
    title: str = ""
    fill: str = ""

    @property
    def box(self) -> Box:
        return Box(self.x, self.y, self.x + self.width, self.y + self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    css: str
    d: str
    box: Box
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A symbol of the sprite, with the colour of a state."""

    symbol: str
    colour: str
    x: float
    y: float
    size: int

    @property
    def box(self) -> Box:
        return Box(self.x, self.y, self.x + self.size, self.y + self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One line. ``x`` is its start, middle or end; ``y`` the line it stands on."""

    text: str
    x: float
    y: float
    size: int
    css: str = "tl-sub"
    anchor: str = "start"
    strong: bool = False
    halo: bool = True
    lead: str = ""  # a strong beginning of the same line
    tail: str = ""  # a quiet end of the same line

    @property
    def width(self) -> float:
        return (
            text_width(self.text, self.size, strong=self.strong)
            + text_width(self.lead, self.size, strong=True)
            + text_width(self.tail, self.size)
        )

    @property
    def box(self) -> Box:
        back = {"start": 0.0, "middle": self.width / 2, "end": self.width}[self.anchor]
        left = self.x - back
        return Box(left, self.y - 0.8 * self.size, left + self.width, self.y + 0.25 * self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Marks that stand for one thing: one title, and a way to its page where there is one."""

    title: str
    marks: tuple[Rect | Path | Text | Shape, ...]
    url: str = ""


Mark = Rect | Path | Text | Shape | Group


def flat(marks: Iterable[Mark]) -> Iterable[Rect | Path | Text | Shape]:
    """Every mark, also those inside groups."""
    for mark in marks:
        if isinstance(mark, Group):
            yield from mark.marks
        else:
            yield mark


def line_height(size: int) -> int:
    """From one line of a label to the next."""
    return size + 2


def text_width(text: str, size: float, *, strong: bool = False) -> float:
    """About how many units ``text`` takes at this font size."""
    ems = sum(
        WIDE_CHARACTER if unicodedata.east_asian_width(c) in "WF" else CHARACTER for c in text
    )
    return ems * size * (STRONG if strong else 1)


def wrap(
    text: str, size: float, room: float, *, first: float | None = None, strong: bool = False
) -> tuple[str, ...]:
    """``text`` in lines of at most ``room`` units, the ``first`` perhaps shorter.

    A word longer than a line is divided; nothing is dropped.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        limit = room if lines or first is None else first
        if text_width(longer, size, strong=strong) <= limit:
            line = longer
            continue
        if line:
            lines.append(line)
            limit = room
        *full, line = _divided(word, size, limit, strong=strong)
        lines += full
    return (*lines, line) if line or not lines else tuple(lines)


def _divided(word: str, size: float, room: float, *, strong: bool) -> list[str]:
    pieces = [""]
    for character in word:
        hyphened = f"{pieces[-1]}{character}-"
        if pieces[-1] and text_width(hyphened, size, strong=strong) > room:
            pieces[-1] += "-"
            pieces.append("")
        pieces[-1] += character
    if len(pieces) > 1 and text_width(word, size, strong=strong) <= room:
        return [word]
    return pieces


def horizontal(css: str, x1: float, x2: float, y: float) -> Path:
    return Path(css=css, d=f"M{_n(x1)} {_n(y)}H{_n(x2)}", box=Box(x1, y, x2, y))


def vertical(css: str, x: float, y1: float, y2: float) -> Path:
    return Path(css=css, d=f"M{_n(x)} {_n(y1)}V{_n(y2)}", box=Box(x, y1, x, y2))


def bracket(css: str, x1: float, x2: float, y: float) -> Path:
    d = f"M{_n(x1)} {_n(y + 4)}v-4H{_n(x2)}v4"
    return Path(css=css, d=d, box=Box(x1, y, x2, y + 4))


def diamond(css: str, x: float, y: float, reach: int, title: str) -> Path:
    d = f"M{_n(x)} {_n(y - reach)}l{reach} {reach}-{reach} {reach}-{reach}-{reach}z"
    return Path(css=css, d=d, box=Box(x - reach, y - reach, x + reach, y + reach), title=title)


def circle(css: str, x: float, y: float, radius: int) -> Path:
    r = radius
    d = f"M{_n(x - r)} {_n(y)}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 -{2 * r} 0z"
    return Path(css=css, d=d, box=Box(x - r, y - r, x + r, y + r))


def half_circle(css: str, x: float, y: float, radius: int) -> Path:
    d = f"M{_n(x)} {_n(y - radius)}a{radius} {radius} 0 0 1 0 {2 * radius}z"
    return Path(css=css, d=d, box=Box(x, y - radius, x + radius, y + radius))


def tick(css: str, x: float, y: float) -> Path:
    d = f"M{_n(x - 2.8)} {_n(y + 0.2)}l2 2.1 3.6-4.1"
    return Path(css=css, d=d, box=Box(x - 3, y - 3, x + 3, y + 3))


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
