"""Go/no-go in the demo: the day before its switch a cohort is looked at and let through."""

from datetime import datetime, timedelta

from accounts.models import User
from cohorts.gates import gate_key
from cohorts.models import Cohort
from common.dates import local_day
from projects.enums import GateChoice
from projects.queries.gates import gate_standing, standing_of
from projects.services.deciding import confirm_criterion, decide_gate

WAIVED_FOR = timedelta(days=7)
REASON = "Agreed with the sponsors: what is missing is under way, and the help desk is prepared."


def let_through(cohort: Cohort, manager: User, at: datetime) -> None:
    """Tick what people tick, then decide: go where everything holds, else a waiver of a week."""
    standing = standing_of(cohort.project, gate_key(cohort), at)
    if standing is None or standing.is_open:
        return
    for one in standing.criteria:
        if one.is_by_hand:
            confirm_criterion(criterion=one.criterion, acting_user=manager, at=at)
    standing = gate_standing(standing.gate, at)
    if standing.missing:
        decide_gate(
            gate=standing.gate,
            choice=GateChoice.WAIVER,
            until=local_day(at, cohort.project.timezone) + WAIVED_FOR,
            note=REASON,
            acting_user=manager,
            at=at,
        )
        return
    decide_gate(gate=standing.gate, choice=GateChoice.GO, acting_user=manager, at=at)


def prepare(cohort: Cohort, manager: User, at: datetime, ticked: int) -> None:
    """The next cohort is being prepared: the first few points are ticked, nothing is decided."""
    standing = standing_of(cohort.project, gate_key(cohort), at)
    if standing is None:
        return
    for one in [one for one in standing.reminders if one.is_by_hand][:ticked]:
        confirm_criterion(criterion=one.criterion, acting_user=manager, at=at)
