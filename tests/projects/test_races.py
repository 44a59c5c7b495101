"""Two at once: real threads against the real database."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from accounts.exceptions import AdministratorExists
from accounts.models import User
from accounts.services.users import make_first_administrator
from common.exceptions import DomainError
from projects.exceptions import ManagerNeeded
from projects.models import Measurement, Project, Stakeholder
from projects.services.measuring import measure_goals
from projects.services.stakeholders import add_stakeholder, remove_stakeholder
from tests.factories.projects import GoalFactory, ProjectFactory, StakeholderFactory, StepFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs: Callable[[], object]) -> list[str]:
    """Run all jobs at the same time; the names of what they raised ("" for none), sorted."""
    start, outcomes = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], object]) -> None:
        start.wait()
        try:
            job()
            outcomes.append("")
        except DomainError as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_two_managers_who_remove_each_other_leave_one():
    project = ProjectFactory()
    one, two = (StakeholderFactory(project=project, access="manager") for _ in range(2))
    outcomes = at_once(
        lambda: remove_stakeholder(
            stakeholder=Stakeholder.objects.get(pk=two.pk), acting_user=one.user
        ),
        lambda: remove_stakeholder(
            stakeholder=Stakeholder.objects.get(pk=one.pk), acting_user=two.user
        ),
    )
    assert outcomes == ["", ManagerNeeded.__name__]
    assert project.stakeholders.filter(access="manager").count() == 1


def test_double_click_adds_one_stakeholder():
    project = ProjectFactory()
    given = {"name": "Bea", "email": "bea@example.org", "access": "viewer", "role_codes": []}
    outcomes = at_once(
        *[
            lambda: add_stakeholder(
                project=Project.objects.get(pk=project.pk),
                acting_user=project.created_by,
                **given,
            )
        ]
        * 4
    )
    assert outcomes == ["", *["DomainError"] * 3]
    assert project.stakeholders.count() == 1
    assert User.objects.filter(email="bea@example.org").count() == 1


def test_workers_that_measure_at_once_write_one_figure():
    step = StepFactory()
    goal = GoalFactory(project=step.project, metric="steps_done")
    at = datetime(2038, 1, 10, 9, tzinfo=UTC)
    outcomes = at_once(*[lambda: measure_goals(project=step.project, at=at)] * 4)
    assert outcomes == [""] * 4
    assert list(Measurement.objects.values_list("goal", "value")) == [(goal.pk, 0)]


def test_first_administrator_is_one_person():
    def make(n: int) -> User:
        return make_first_administrator(
            email=f"root{n}@example.org", name="Root", password="correct horse battery staple"
        )

    outcomes = at_once(lambda: make(1), lambda: make(2), lambda: make(3))
    assert outcomes == ["", *[AdministratorExists.__name__] * 2]
    assert User.objects.filter(is_superuser=True).count() == 1
