"""Reads the registered metrics of a project: goals get figures, steps that have come true are done.

Each (metric, parameters) is read once per round.
"""

from datetime import datetime

from django.db import transaction

from projects import metrics
from projects.enums import StepStatus
from projects.models import Event, Goal, Measurement, Project, Step
from projects.queries.goals import latest_measurements
from projects.queries.readings import Reader, reader_of
from projects.services.steps import change_step_status


@transaction.atomic
def measure_project(*, project: Project, at: datetime) -> None:
    """Goals and steps in one round. What is done by hand is left alone."""
    reader = reader_of(project, at)
    _measure(project, at, reader)
    _complete(project, at, reader)


@transaction.atomic
def measure_goals(*, project: Project, at: datetime) -> list[Measurement]:
    """Read every goal's metric; returns the new measurements.

    A row only where value or n moved; otherwise the last one is marked as still so. A metric that
    has nothing to measure yet leaves its goal without a figure.
    """
    return _measure(project, at, reader_of(project, at))


@transaction.atomic
def complete_steps_by_metric(*, project: Project, at: datetime) -> list[Step]:
    """Steps to do or in progress whose "done when" has come true are done, by the clock.

    A step that a person has opened again stays with people.
    """
    return _complete(project, at, reader_of(project, at))


def _measure(project: Project, at: datetime, read: Reader) -> list[Measurement]:
    # The lock keeps two workers from writing the same new figure twice.
    list(Goal.objects.select_for_update().filter(project=project).values_list("pk"))
    latest = latest_measurements(project)
    moved, still = [], []
    for goal in Goal.objects.filter(project=project).exclude(metric=metrics.MANUAL):
        reading = read(goal.metric, goal.params)
        if reading is None:
            continue
        last = latest.get(goal.pk)
        if last is not None and (last.value, last.n) == (reading.value, reading.n):
            still.append(last.pk)
        else:
            moved.append(
                Measurement(
                    goal=goal, value=reading.value, n=reading.n, measured_at=at, checked_at=at
                )
            )
    Measurement.objects.filter(pk__in=still).update(checked_at=at)
    return Measurement.objects.bulk_create(moved)


def _complete(project: Project, at: datetime, read: Reader) -> list[Step]:
    waiting = (StepStatus.TODO, StepStatus.ACTIVE)
    steps = Step.objects.filter(project=project, status__in=waiting).exclude(done_metric="")
    by_hand = set(
        Event.objects.filter(
            project=project, verb="step.reopened", subject_type=Step._meta.model_name
        ).values_list("subject_id", flat=True)
    )
    done = []
    for step in steps:
        reading = None if step.pk in by_hand else read(step.done_metric, step.done_params)
        if reading is None or reading.n == 0 or step.done_threshold is None:
            continue
        if metrics.holds(reading.value, step.done_operator, step.done_threshold):
            step.project = project
            change_step_status(step=step, status=StepStatus.DONE, acting_user=None, at=at)
            done.append(step)
    return done
