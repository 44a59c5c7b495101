"""Go/no-go in the demo: the day before its switch a cohort is looked at and let through."""

from datetime import datetime, timedelta

from django.utils.timezone import now

from accounts.models import User
from cohorts.enums import CohortStatus
from cohorts.gates import gate_key
from cohorts.models import Cohort
from common.dates import local_day
from projects.enums import GateChoice
from projects.models import Project
from projects.queries.gates import gate_standing, standing_of
from projects.services.deciding import confirm_criterion, decide_gate

WAIVED_FOR = timedelta(days=7)
DOUBT = "Two of four at the service desk are ill. We look again the day before."
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


def hesitate(project: Project, manager: User) -> None:
    """A few days before the switch of the next cohort the answer is still no."""
    at = now()
    coming = Cohort.objects.filter(project=project, status=CohortStatus.PLANNED)
    for cohort in coming.select_related("project").order_by("position")[:1]:
        standing = standing_of(cohort.project, gate_key(cohort), at)
        if standing is not None:
            decide_gate(
                gate=standing.gate,
                choice=GateChoice.NO_GO,
                note=DOUBT,
                acting_user=manager,
                at=at,
            )


def prepare(cohort: Cohort, manager: User, at: datetime, ticked: int) -> None:
    """The next cohort is being prepared: the first few points are ticked, nothing is decided."""
    standing = standing_of(cohort.project, gate_key(cohort), at)
    if standing is None:
        return
    for one in [one for one in standing.reminders if one.is_by_hand][:ticked]:
        confirm_criterion(criterion=one.criterion, acting_user=manager, at=at)
