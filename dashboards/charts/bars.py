"""Bars of people by state: widths in percent for SVG attributes. Pure: no Django, no queries.

The figures printed beside a bar are the truth; the bar lets them be seen. So a state with at least
one person is drawn at least 1.5 % wide, at the cost of the widest one, and the parts still add up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

LEAST = Decimal("1.5")
FULL = Decimal(100)
GRAIN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Count:
    """How many people are in the state ``key`` (a class p-<key> of charts.css), with its word."""

    key: str
    word: str
    people: int


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the bar in percent of its whole width; ``words`` is its tooltip."""

    key: str
    words: str
    people: int
    x: Decimal
    width: Decimal


@dataclass(frozen=True, slots=True)
class PeopleBar:
    """One row's bar. ``label`` says the same in words: "1,083 told, 14 planned"."""

    parts: tuple[Part, ...]
    label: str
    total: int


def people_bar(counts: Iterable[Count], *, scale: int = 0, thousands: str = ",") -> PeopleBar:
    """One bar. ``scale`` is the largest row's total, so that rows compare; 0 fills the width.

    States without people have no part. The parts together are as wide as the row's share of the
    scale, or wider only where so many states have people that their least widths need it.
    """
    present = [count for count in counts if count.people > 0]
    total = sum(count.people for count in present)
    whole = max(scale, total)
    length = FULL * total / whole if whole else Decimal(0)
    widths = _widths([count.people for count in present], length)
    parts = []
    x = Decimal(0)
    for count, width in zip(present, widths, strict=True):
        number = f"{count.people:,}".replace(",", thousands)
        parts.append(Part(count.key, f"{number} {count.word}", count.people, x, width))
        x += width
    return PeopleBar(tuple(parts), ", ".join(part.words for part in parts), total)


def _widths(people: Sequence[int], length: Decimal) -> list[Decimal]:
    """Shares of ``length``, none below LEAST; the widest give what the small ones take."""
    total = sum(people)
    if not total:
        return []
    length = max(length, LEAST * len(people)).quantize(GRAIN, ROUND_HALF_UP)
    shares = [(length * one / total).quantize(GRAIN, ROUND_HALF_UP) for one in people]
    widths = [max(share, LEAST) for share in shares]
    # What is too much, by least widths and rounding, is taken from the widest that can still give.
    too_much = sum(widths, Decimal(0)) - length
    for place in sorted(range(len(widths)), key=lambda place: -widths[place]):
        given = min(too_much, widths[place] - LEAST) if too_much > 0 else too_much
        widths[place] -= given
        too_much -= given
    return widths
