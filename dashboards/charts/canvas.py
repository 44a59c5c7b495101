"""The sheet on which a timeline is drawn: its measures, its layers, and how far down the pen is."""

from dataclasses import dataclass, field

from dashboards.charts.marks import Mark, Path, Text, horizontal, line_height
from dashboards.charts.scale import Scale
from dashboards.charts.words import Words

HEAD_END = 38  # below today's flag (20) and the months (18)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The measures of one of the two drawings. Sizes of type are those of charts.css."""

    key: str
    width: int
    x0: int  # where the plot begins; the labels stand left of it, or above the bars when it is 0
    text: int
    sub: int
    shape: int
    indent: int  # of titles, right of the shape
    lane_label: int  # the widest label of a band, stage or milestone; longer ones get more lines

    @property
    def is_narrow(self) -> bool:
        return self.x0 == 0

    @property
    def labels_end(self) -> int:
        return self.x0 - 16


WIDE = Frame(key="wide", width=1016, x0=176, text=12, sub=11, shape=14, indent=22, lane_label=220)
WIDE_FULL = Frame(
    key="wide", width=1016, x0=316, text=12, sub=11, shape=14, indent=22, lane_label=220
)
NARROW = Frame(key="narrow", width=358, x0=0, text=13, sub=12, shape=13, indent=19, lane_label=150)


@dataclass(slots=True)
class Canvas:
    """Layers from the ground up; `y` is the top of the next row."""

    frame: Frame
    scale: Scale
    words: Words
    y: float = HEAD_END
    ground: list[Mark] = field(default_factory=list)
    bars: list[Mark] = field(default_factory=list)
    texts: list[Mark] = field(default_factory=list)

    @property
    def left(self) -> float:
        return self.scale.x0

    @property
    def right(self) -> float:
        return self.scale.x1

    def rule(self) -> None:
        """A hairline across the whole picture at the top of the next row."""
        line: Path = horizontal("tl-row", 0, self.frame.width, self.y)
        self.ground.append(line)

    def write(
        self,
        lines: tuple[str, ...],
        x: float,
        y: float,
        anchor: str = "middle",
        *,
        strong: bool = False,
    ) -> None:
        """Lines of one label in small type, the first standing on ``y``."""
        size = self.frame.sub
        css = "tl-sub tl-strong" if strong else "tl-sub"
        self.texts += [
            Text(
                text=line,
                x=x,
                y=y + n * line_height(size),
                size=size,
                css=css,
                anchor=anchor,
                strong=strong,
            )
            for n, line in enumerate(lines)
        ]

    def sub(self, text: str, x: float, y: float, anchor: str = "start", lead: str = "") -> None:
        """One line of small type."""
        self.texts.append(
            Text(text=text, x=x, y=y, anchor=anchor, size=self.frame.sub, css="tl-sub", lead=lead)
        )
