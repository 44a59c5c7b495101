"""Letting days pass must move every date of one project, and nothing of another."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps

from projects.models import Project
from rollout.demo.aging import DATED, dated_columns, let_days_pass, set_clocks_right
from tests.factories.cohorts import MembershipFactory
from tests.factories.communications import OccurrenceFactory
from tests.factories.projects import StepFactory

ROOMS = ("projects", "cohorts", "communications", "surveys")
# Not of one project: addresses and servers are shared; uploads live for a day. What triggers count
# by the hour moves with the people.
SHARED = {"Suppression", "Unsubscription", "Sender", "RosterUpload", "HourCount"}


def test_every_model_with_a_date_is_named() -> None:
    dated = {
        model.__name__
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        if dated_columns(model)
    }
    assert dated - SHARED == {model.__name__ for model in DATED}


@pytest.mark.django_db
def test_days_pass_for_one_project_only(project: Project, foreign_project: Project) -> None:
    step = StepFactory(phase__project=project)
    foreign = StepFactory(phase__project=foreign_project)
    member = MembershipFactory(cohort__project=project)
    before = {
        "step": (step.starts_on, step.ends_on),
        "foreign": (foreign.starts_on, foreign.ends_on),
        "switch_on": member.cohort.switch_on,
        "joined_at": member.joined_at,
        "target_on": project.target_on,
    }

    let_days_pass(project, 10)

    step.refresh_from_db()
    foreign.refresh_from_db()
    member.refresh_from_db()
    member.cohort.refresh_from_db()
    days = timedelta(days=10)
    assert (step.starts_on, step.ends_on) == tuple(day - days for day in before["step"])
    assert (foreign.starts_on, foreign.ends_on) == before["foreign"]
    assert member.cohort.switch_on == before["switch_on"] - days
    assert member.joined_at == before["joined_at"] - days
    assert project.target_on == before["target_on"] - days


@pytest.mark.django_db
def test_clocks_are_right_after_a_change_of_clocks(project: Project) -> None:
    """Nine in Berlin is nine in summer and in winter, and so is the last moment."""
    occurrence = OccurrenceFactory(
        project=project,
        timezone="Europe/Berlin",
        wall_at=datetime(2026, 11, 3, 9, tzinfo=UTC),
        due_at=datetime(2026, 11, 3, 8, tzinfo=UTC),
        not_after=datetime(2026, 11, 10, 8, tzinfo=UTC),
    )
    let_days_pass(project, 14)
    set_clocks_right(project)
    occurrence.refresh_from_db()
    assert (occurrence.due_at, occurrence.not_after) == (
        datetime(2026, 10, 20, 7, tzinfo=UTC),
        datetime(2026, 10, 27, 8, tzinfo=UTC),
    )
