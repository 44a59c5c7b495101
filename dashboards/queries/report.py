"""Every number of the dashboards as plain data, for scripts and for those who check them."""

from datetime import datetime
from typing import Any

from communications.models import Occurrence
from communications.queries.ledger import ledger_of_project, ledgers
from dashboards.queries.cohorts import cohort_figures
from dashboards.queries.plan import all_steps, is_overdue, phase_figures
from dashboards.queries.situation import today_in
from projects.models import Project
from projects.queries.goals import goal_rows
from surveys.queries.numbers import survey_rows

Report = dict[str, Any]


def project_report(project: Project, at: datetime) -> Report:
    """Steps, phases, goals, cohorts, deliveries, messages and surveys, a list each; read-only."""
    phases = phase_figures(project)
    today = today_in(project, at)
    return {
        "project": project.slug,
        "at": at,
        "steps": {
            "total": sum(phase.total for phase in phases),
            "done": sum(phase.done for phase in phases),
            "overdue": sum(is_overdue(step, today) for step in all_steps(phases)),
        },
        "phases": [
            {"key": phase.phase.key, "total": phase.total, "done": phase.done} for phase in phases
        ],
        "goals": _goals(project),
        "cohorts": _cohorts(project),
        "deliveries": _deliveries(project),
        "messages": _messages(project),
        "surveys": [
            {
                "key": row.key,
                "cohort": row.cohort,
                "status": row.status,
                "invited": row.invited,
                "answered": row.answered,
            }
            for row in survey_rows(project)
        ],
    }


def _goals(project: Project) -> list[Report]:
    return [
        {
            "key": row.goal.key,
            "title": row.goal.title,
            "operator": row.goal.operator,
            "target": float(row.goal.target),
            "actual": None if row.value is None else float(row.value),
            "unit": row.goal.unit,
            "n": row.n,
            "status": row.status.value,
            "measured_at": row.measured_at,
        }
        for row in goal_rows(project)
    ]


def _cohorts(project: Project) -> list[Report]:
    return [
        {
            "name": row.cohort.name,
            "kind": row.cohort.kind,
            "switch_on": row.cohort.switch_on,
            "status": row.cohort.status,
            "people": row.people,
            "told": row.counts.told,
            "answered": row.answered,
            "switched": row.counts.switched,
            "verified": row.counts.verified,
        }
        for row in cohort_figures(project)
    ]


def _deliveries(project: Project) -> dict[str, int]:
    """Every state with its rows, zeros too: the states add up to the ledger."""
    return {state.value: count for state, count in ledger_of_project(project).states.items()}


def _messages(project: Project) -> list[Report]:
    """Each occurrence with the states of its rows that occur. Two queries."""
    occurrences = (
        Occurrence.objects.filter(project=project)
        .select_related("message", "cohort")
        .order_by("message__position", "cohort__position", "pk")
    )
    found = ledgers(one.pk for one in occurrences)
    return [
        {
            "key": one.message.key,
            "cohort": one.cohort.name if one.cohort else None,
            "state": one.state,
            "due_at": one.due_at,
            "states": {state.value: n for state, n in found[one.pk].states.items() if n},
        }
        for one in occurrences
    ]
