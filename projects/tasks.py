"""Wakes the measuring: one project when something happened in it, all of them every minute."""

from celery import shared_task
from django.utils.timezone import now

from common import doorbell
from projects.models import Project
from projects.services.measuring import measure_project


@shared_task(name="projects.tasks.measure_project_goals")
def measure_project_goals(project_id: int) -> None:
    """Measure one project; a project that is gone or not running is left alone."""
    project = Project.objects.running().filter(pk=project_id).first()
    if project is not None:
        measure_project(project=project, at=now())


@shared_task(name="projects.tasks.measure_all_goals")
def measure_all_goals() -> None:
    """Ring for every running project: a fault in one does not keep the others from their turn."""
    for pk in Project.objects.running().values_list("pk", flat=True):
        doorbell.ring("projects.tasks.measure_project_goals", pk)
