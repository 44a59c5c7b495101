"""What a cohort is before it exists. Pure: whoever plans hands these to the service."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from django.utils.translation import gettext_lazy as _

from cohorts.enums import RuleField


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortPlan:
    """``switch_time`` is wall time in ``timezone``; ``ends_on`` is the survey's last day.

    ``owner_id`` is a stakeholder's; ``capacity`` None: as many as come.
    """

    kind: str
    name: str
    position: int
    switch_on: date
    switch_time: time
    timezone: str
    ends_on: date
    from_mode: str
    to_mode: str
    owner_id: int | None = None
    capacity: int | None = None
    is_bookable: bool = False
    booking_closes_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortSettings:
    """What may be changed of a cohort besides its dates. ``owner_id`` is a stakeholder's;
    ``capacity`` None: as many as come."""

    name: str
    owner_id: int | None
    from_mode: str
    to_mode: str
    capacity: int | None
    is_bookable: bool
    booking_closes_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """Who a rule takes; ``values`` are those of the roster, ``sample_percent`` of who fits.

    ``keep_together`` names a field: all who share its value come into the cohort together, or none.
    """

    field: str
    attribute: str = ""
    values: tuple[str, ...] = ()
    sample_percent: int | None = None
    keep_together: str = ""


@dataclass(frozen=True, slots=True)
class SplitFigures:
    """How many go, how many fit but stay; ``mark`` differs when other people go."""

    going: int
    staying: int
    mark: int


UP, DOWN = "up", "down"
TOGETHER = (RuleField.DEPARTMENT, RuleField.OFFICE, RuleField.MANAGER)
MOST_VALUES = 500

# Whom rules leave where they are, unless somebody ticks it. A switch and a freeze cannot be ticked.
HAND, CHOICE, DEFERRAL, WHITE_GLOVE = "hand", "choice", "deferral", "white_glove"
UNTICKED = (HAND, CHOICE, DEFERRAL, WHITE_GLOVE)
STAYS = {
    HAND: _("placed by hand or by a file"),
    CHOICE: _("chose their date themselves"),
    DEFERRAL: _("deferred"),
    WHITE_GLOVE: _("white glove"),
    "switched": _("have switched"),
    "frozen": _("in a frozen cohort"),
    "closed": _("this cohort is frozen"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementChoice:
    """``also``: of UNTICKED, whom rules move as well. ``taking_in``: the id of a frozen cohort
    that takes people all the same; then nobody comes into another one."""

    also: frozenset[str] = frozenset()
    taking_in: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFigures:
    """What one rule would do. ``fits`` = ``lost`` (an earlier rule takes them) + ``full`` (no
    place, so a later rule may take them) + ``here`` + ``joins`` + ``moves`` + all of ``stays``.

    ``stays``: {why: people} of those who would come here but stay where they are.
    """

    position: int
    fits: int = 0
    lost: int = 0
    full: int = 0
    here: int = 0
    joins: int = 0
    moves: int = 0
    stays: Mapping[str, int]

    @property
    def stays_in_words(self) -> tuple[tuple[str, int], ...]:
        return tuple((str(STAYS[why]), people) for why, people in self.stays.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementPlan:
    """What applying the rules would do. ``moves``: (from cohort or None, to cohort, people).

    ``outgrown`` were placed by a rule and no rule fits them any more: they stay. ``nowhere`` are in
    no cohort and no rule fits them. ``mark`` differs when other people come or go.
    """

    choice: PlacementChoice
    rules: tuple[RuleFigures, ...]
    moves: tuple[tuple[str | None, str, int], ...]
    outgrown: int
    nowhere: int
    mark: int
    words: tuple[str, ...]

    @property
    def people(self) -> int:
        """How many would come or move."""
        return sum(people for _old, _new, people in self.moves)

    @property
    def ticks(self) -> list[str]:
        return sorted(self.choice.also)

    @property
    def digest(self) -> str:
        """Differs as soon as the rules, the choice or the outcome for any person differs."""
        parts = (self.mark, self.people, self.words, sorted(self.choice.also), self.moves)
        text = repr((*parts, self.choice.taking_in))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Drifter:
    """One person of a list; ``why`` is the rule that would place them."""

    pk: int
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortDrift:
    """``plan``: who would come if the cohort took people in, ``coming`` the first of them by name.
    ``strays``: placed here by a rule that fits them no more."""

    plan: PlacementPlan
    coming: tuple[Drifter, ...]
    strays: int
    stray_names: tuple[Drifter, ...]
