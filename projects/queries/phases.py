"""When a phase of a project begins and ends. Reads only."""

from datetime import date

from django.db.models import Max, Min

from projects.models import Project, Step


def phase_days(project: Project, phase: int) -> tuple[date, date] | None:
    """First and last day of the steps of a phase; None where it has no steps. One query."""
    steps = Step.objects.filter(phase__project=project, phase=phase)
    found = steps.aggregate(first=Min("starts_on"), last=Max("ends_on"))
    return (found["first"], found["last"]) if found["first"] else None
