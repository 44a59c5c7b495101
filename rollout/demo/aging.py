"""Lets days pass for one project: every date and moment it holds moves back by as many days."""

from datetime import timedelta

from django.db import connection, models, transaction
from django.db.models import F

from cohorts.models import (
    Cohort,
    Deferral,
    Membership,
    ModeRecord,
    Participant,
    Problem,
    RosterImport,
)
from communications.models import Bounce, Delivery, Occurrence, TeamsChannel
from projects.models import (
    Event,
    Evidence,
    FreezeWindow,
    Gate,
    GateCriterion,
    GateDecision,
    Measurement,
    Milestone,
    Project,
    ReadinessCheck,
    Stakeholder,
    Step,
)
from surveys.models import Invitation, Response, Survey

# Every model with a date, and how its rows are found from the project. A test walks all models.
DATED: dict[type[models.Model], str] = {
    Project: "pk",
    Stakeholder: "project",
    Step: "project",
    Evidence: "step__project",
    Milestone: "project",
    FreezeWindow: "project",
    Measurement: "goal__project",
    ReadinessCheck: "project",
    Event: "project",
    Gate: "project",
    GateCriterion: "gate__project",
    GateDecision: "gate__project",
    Cohort: "project",
    Participant: "project",
    Membership: "cohort__project",
    ModeRecord: "participant__project",
    Deferral: "from_cohort__project",
    Problem: "participant__project",
    RosterImport: "project",
    Occurrence: "project",
    Delivery: "occurrence__project",
    Bounce: "delivery__occurrence__project",
    TeamsChannel: "project",
    Survey: "project",
    Invitation: "survey__project",
    Response: "survey__project",
}


@transaction.atomic
def let_days_pass(project: Project, days: int) -> None:
    """Move everything of ``project`` ``days`` calendar days into the past."""
    if not days:
        return
    for model, path in DATED.items():
        columns = {name: F(name) - timedelta(days=days) for name in dated_columns(model)}
        model._default_manager.filter(**{path: project.pk}).update(**columns)
    project.refresh_from_db()


# Both as the wall clock says; the last moment lies whole days behind, at the same hour.
CLOCKS = """
UPDATE communications_occurrence
SET due_at = (wall_at AT TIME ZONE 'UTC') AT TIME ZONE timezone,
    approved_due_at = CASE WHEN approved_due_at = due_at
        THEN (wall_at AT TIME ZONE 'UTC') AT TIME ZONE timezone ELSE approved_due_at END,
    not_after = (wall_at AT TIME ZONE 'UTC' + make_interval(
        days => round(extract(epoch FROM not_after - due_at) / 86400)::int)) AT TIME ZONE timezone
WHERE project_id = %s AND wall_at IS NOT NULL
"""


def set_clocks_right(project: Project) -> None:
    """Days passed may have crossed a change of clocks: due is again what the wall clock says."""
    with connection.cursor() as cursor:
        cursor.execute(CLOCKS, [project.pk])


def dated_columns(model: type[models.Model]) -> list[str]:
    """Names of the model's date and moment columns."""
    return [
        field.name for field in model._meta.concrete_fields if isinstance(field, models.DateField)
    ]
