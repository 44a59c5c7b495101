"""From counts of answers to figures. Pure: counts in, percent and scores out."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

NOT_APPLICABLE = "na"
AGREE_POINTS = ("1", "2", "3", "4", "5")
AGREEING = ("4", "5")
NPS_POINTS = tuple(str(point) for point in range(11))
DETRACTORS, PASSIVES, PROMOTERS = NPS_POINTS[:7], NPS_POINTS[7:9], NPS_POINTS[9:]
# Below this many answers an anonymous survey shows no figure: few answers have faces.
SMALLEST_GROUP = 5
CENT = Decimal("0.01")

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Score:
    """``value`` in percent or points from -100 to 100, two decimals; ``n`` answers it rests on."""

    value: Decimal
    n: int


def agreement(counts: Counts) -> Score | None:
    """Percent of "agree" and "strongly agree" among answers on the scale; None without any."""
    n = _sum(counts, AGREE_POINTS)
    return Score(_percent(_sum(counts, AGREEING), n), n) if n else None


def promoter_score(counts: Counts) -> Score | None:
    """Percent of 9 and 10 minus percent of 0 to 6; None without answers."""
    n = _sum(counts, NPS_POINTS)
    return Score(_percent(_sum(counts, PROMOTERS) - _sum(counts, DETRACTORS), n), n) if n else None


def response_rate(answered: int, invited: int) -> Score | None:
    """Percent of the invited who answered; None while nobody is invited."""
    return Score(_percent(answered, invited), invited) if invited else None


def _sum(counts: Counts, points: tuple[str, ...]) -> int:
    return sum(counts.get(point, 0) for point in points)


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / whole).quantize(CENT, ROUND_HALF_UP)
