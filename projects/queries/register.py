"""Risks on their map and readiness answers by area. One query each."""

from collections import defaultdict
from dataclasses import dataclass

from projects.enums import Level, RiskStatus
from projects.models import Project, ReadinessCheck, Risk

WEIGHT = {Level.LOW: 1, Level.MEDIUM: 2, Level.HIGH: 3}
LIVE = (RiskStatus.OPEN, RiskStatus.HAPPENED)
WORD = {1: "low", 2: "low", 3: "medium", 4: "medium", 6: "high", 9: "high"}


@dataclass(frozen=True, slots=True)
class RiskRow:
    """``weight`` is likelihood × impact, 1 to 9; ``heat`` its word: low, medium or high."""

    risk: Risk
    weight: int

    @property
    def heat(self) -> str:
        return WORD[self.weight]


@dataclass(frozen=True, slots=True)
class HeatCell:
    likelihood: Level
    impact: Level
    heat: str
    risks: tuple[Risk, ...]


@dataclass(frozen=True, slots=True)
class RiskRegister:
    """``rows`` worst first, closed ones last; ``map`` rows from high to low likelihood."""

    rows: tuple[RiskRow, ...]
    map: tuple[tuple[HeatCell, ...], ...]

    @property
    def live(self) -> int:
        return sum(row.risk.status in LIVE for row in self.rows)


def risk_register(project: Project) -> RiskRegister:
    """All risks with owners, and the 3 × 3 map of those that are open or have happened."""
    risks = list(Risk.objects.filter(project=project).select_related("owner"))
    rows = [RiskRow(risk, _weight(risk)) for risk in risks]
    rows.sort(key=lambda row: (row.risk.status not in LIVE, -row.weight, row.risk.pk))
    placed: dict[tuple[str, str], list[Risk]] = defaultdict(list)
    for row in rows:
        if row.risk.status in LIVE:
            placed[row.risk.likelihood, row.risk.impact].append(row.risk)
    levels = (Level.LOW, Level.MEDIUM, Level.HIGH)
    return RiskRegister(
        rows=tuple(rows),
        map=tuple(
            tuple(
                HeatCell(
                    likelihood,
                    impact,
                    WORD[WEIGHT[likelihood] * WEIGHT[impact]],
                    tuple(placed[likelihood, impact]),
                )
                for impact in levels
            )
            for likelihood in reversed(levels)
        ),
    )


def _weight(risk: Risk) -> int:
    return WEIGHT[Level(risk.likelihood)] * WEIGHT[Level(risk.impact)]


@dataclass(frozen=True, slots=True)
class ReadinessArea:
    title: str
    checks: tuple[ReadinessCheck, ...]

    @property
    def answered(self) -> int:
        return sum(bool(check.answer) for check in self.checks)


def readiness_areas(project: Project) -> tuple[ReadinessArea, ...]:
    """The questions by area, in the playbook's order."""
    areas: dict[str, list[ReadinessCheck]] = defaultdict(list)
    for check in ReadinessCheck.objects.filter(project=project):
        areas[check.area].append(check)
    return tuple(ReadinessArea(title, tuple(checks)) for title, checks in areas.items())
