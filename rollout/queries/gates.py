"""The go/no-go of one cohort, for its page."""

from dataclasses import dataclass
from datetime import datetime

from cohorts.enums import CohortStatus
from cohorts.gates import gate_key
from cohorts.models import Cohort
from projects.models import GateDecision
from projects.queries.gates import GateStanding, decisions_of, find_gate, gate_standing


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortGate:
    """``standing`` is worked out while the cohort is planned; later the last ``decision`` is what
    is left to say. ``key`` is empty where no go/no-go is set up."""

    key: str
    standing: GateStanding | None
    decision: GateDecision | None

    @property
    def is_closed(self) -> bool:
        return self.standing is not None and not self.standing.is_open

    @property
    def ticked(self) -> int:
        return sum(one.holds for one in self.standing.reminders) if self.standing else 0


def cohort_gate(cohort: Cohort, at: datetime) -> CohortGate:
    """A fixed number of queries: the gate's and those of its metrics."""
    gate = find_gate(cohort.project, gate_key(cohort))
    if gate is None:
        return CohortGate(key="", standing=None, decision=None)
    if cohort.status != CohortStatus.PLANNED:
        last = decisions_of(gate, limit=1)
        return CohortGate(key=gate.key, standing=None, decision=last[0] if last else None)
    standing = gate_standing(gate, at)
    return CohortGate(key=gate.key, standing=standing, decision=standing.decision)
