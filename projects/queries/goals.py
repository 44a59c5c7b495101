"""Goals with their latest figure and how it stands. Two queries, whatever the number of goals."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from projects import metrics
from projects.enums import GoalStatus
from projects.models import Goal, Measurement, Project
from projects.standing import standing


@dataclass(frozen=True, slots=True)
class GoalRow:
    """``checked_at`` is when the figure was last found unchanged; ``low`` and ``high`` are the ends
    of the scale to draw it on."""

    goal: Goal
    value: Decimal | None
    n: int | None
    note: str
    measured_at: datetime | None
    checked_at: datetime | None
    status: GoalStatus
    formula: str
    low: int
    high: int


def latest_measurements(project: Project) -> dict[int, Measurement]:
    """The newest measurement of every goal that has one, by the goal's id. One query, which reads
    one row a goal however long its history is."""
    newest = Measurement.objects.filter(goal=OuterRef("pk")).order_by("-measured_at", "-pk")
    picked = Goal.objects.filter(project=project).values_list(Subquery(newest.values("pk")[:1]))
    return {row.goal_id: row for row in Measurement.objects.filter(pk__in=picked.order_by())}


def goal_rows(project: Project) -> tuple[GoalRow, ...]:
    """Every goal of the project in the playbook's order. Two queries."""
    latest = latest_measurements(project)
    goals = Goal.objects.filter(project=project).select_related("owner", "project")
    return tuple(_row(goal, latest.get(goal.pk)) for goal in goals)


def measurements_of(goal: Goal, limit: int = 20) -> tuple[Measurement, ...]:
    """The newest figures of a goal with who entered them."""
    return tuple(goal.measurements.select_related("entered_by")[:limit])


def _row(goal: Goal, last: Measurement | None) -> GoalRow:
    metric = metrics.get(goal.metric)
    value = last.value if last else None
    low, high = _scale(goal, value)
    return GoalRow(
        goal=goal,
        value=value,
        n=last.n if last else None,
        note=last.note if last else "",
        measured_at=last.measured_at if last else None,
        checked_at=last.checked_at if last else None,
        status=standing(
            value, goal.operator, goal.target, is_filling=_is_filling(goal, metric, last)
        ),
        formula=str(metric.formula) if metric else _("Entered by hand."),
        low=low,
        high=high,
    )


def _is_filling(goal: Goal, metric: metrics.Metric | None, last: Measurement | None) -> bool:
    """Whether a growing figure was last looked at before the project's target date was over."""
    if metric is None or last is None or not metric.is_growing:
        return False
    return last.checked_at.date() <= goal.project.target_on


def _scale(goal: Goal, value: Decimal | None) -> tuple[int, int]:
    """Percent from 0 to 100, scores from −100 to 100; small targets get a scale that shows them."""
    if goal.unit == "score":
        return -100, 100
    largest = max(abs(goal.target), abs(value or Decimal(0)), Decimal(1))
    if goal.unit == "%" and largest > 20:
        return 0, 100
    return 0, int(largest * Decimal("1.5")) + 1
