"""What adding a cohort would make and move. Pure values; nothing is stored.

The plan carries a hash of all it would do: the page shows it, the service makes the plan anew
under locks and refuses when it came out differently, so what was shown is what happens.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime

from cohorts.planning import CohortPlan, RuleDraft, SplitFigures
from projects.replan import MilestoneMove, StepMove
from projects.schedule_plan import ScheduleWarning
from rollout.reschedule import Change


@dataclass(frozen=True, slots=True)
class NewMessage:
    """``due_at`` is None while its day is not known. ``is_past``: somebody has to decide."""

    title: str
    due_at: datetime | None
    is_past: bool


@dataclass(frozen=True, slots=True)
class NewSurvey:
    title: str
    opens_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class WaveDraft:
    """What a manager says of a new cohort. ``position`` of ``cohort`` is worked out by the plan.

    ``copied_from``: the id of the cohort whose rules it gets, all of them off.
    """

    cohort: CohortPlan
    copied_from: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitDraft:
    """A new cohort for those of the old one whom ``who`` fits."""

    cohort_id: int
    who: RuleDraft


@dataclass(frozen=True, kw_only=True, slots=True)
class WavePlan:
    """``changing``: rows of other cohorts and of the plan that move along, because the first or
    the last switch does. ``split``: who comes with it. ``told``: how many of them have been told
    another date; they get one correction."""

    cohort: CohortPlan
    copied_from: int | None
    messages: tuple[NewMessage, ...]
    surveys: tuple[NewSurvey, ...]
    criteria: int
    rules: int
    changes: tuple[Change, ...]
    steps: tuple[StepMove, ...]
    milestones: tuple[MilestoneMove, ...]
    warnings: tuple[ScheduleWarning, ...]
    split: SplitFigures | None = None
    told: int = 0
    told_names: tuple[str, ...] = ()

    @property
    def changing(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.is_change)

    @property
    def staying(self) -> tuple[Change, ...]:
        return ()

    @property
    def digest(self) -> str:
        """Differs as soon as anything that was shown would happen differently."""
        # Whoever is told while somebody looks is told once more; their number is no part of it.
        parts = {**asdict(self), "told": self.told > 0, "told_names": ()}
        text = json.dumps(parts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:32]
