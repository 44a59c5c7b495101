"""Which go/no-gos keep people from switching: by decisions, the next one by its figures too."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from cohorts.enums import CohortStatus
from cohorts.gates import gate_key
from dashboards.queries.cohorts import CohortFigures
from projects.models import Project
from projects.queries.gates import gates_without_go, standing_of

GO_AHEAD = timedelta(days=7)


def closed_gates(
    project: Project, cohorts: Sequence[CohortFigures], today: date, at: datetime
) -> frozenset[str]:
    """Keys of the gates that no decision opens. One query; within a week of a switch that has a go
    also those of its figures, for a go ends with them."""
    closed = set(gates_without_go(project, at).values_list("key", flat=True))
    near = [row.cohort for row in cohorts if is_near(row, today)]
    decided = [cohort for cohort in near if gate_key(cohort) not in closed]
    following = min(decided, key=lambda cohort: (cohort.switch_on, cohort.position), default=None)
    if following is not None:
        standing = standing_of(project, gate_key(following), at)
        if standing is not None and not standing.is_open:
            closed.add(gate_key(following))
    return frozenset(closed)


def is_near(row: CohortFigures, today: date) -> bool:
    """Its people switch within a week, today included."""
    cohort = row.cohort
    is_waiting = bool(row.people) and cohort.status == CohortStatus.PLANNED
    return is_waiting and today <= cohort.switch_on <= today + GO_AHEAD
