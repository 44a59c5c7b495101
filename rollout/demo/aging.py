"""Lets days pass for one project: every date and moment it holds moves back by as many days."""

from datetime import timedelta

from django.db import models, transaction
from django.db.models import F, Func, Value

from cohorts.models import Cohort, Deferral, Membership, ModeRecord, Participant, Problem
from communications.models import Delivery, Occurrence
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
    Occurrence: "project",
    Delivery: "occurrence__project",
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


def set_clocks_right(project: Project) -> None:
    """Days passed may have crossed a change of clocks: due is again what the wall clock says."""
    rows = Occurrence.objects.filter(project=project, wall_at__isnull=False)
    wall = Func(Value("UTC"), F("wall_at"), function="timezone")
    rows.update(due_at=Func(F("timezone"), wall, function="timezone"))


def dated_columns(model: type[models.Model]) -> list[str]:
    """Names of the model's date and moment columns."""
    return [
        field.name for field in model._meta.concrete_fields if isinstance(field, models.DateField)
    ]
