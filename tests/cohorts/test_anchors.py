"""The anchors of a running project are those it was planned with, until a cohort moves."""

from datetime import timedelta

import pytest

from accounts.models import User
from cohorts.models import Cohort
from cohorts.queries.anchors import anchors_of
from projects.models import Project
from projects.schedule_plan import Anchors
from rollout.drafts import plan_project
from rollout.services.create import create_project
from tests.factories.cohorts import CohortFactory
from tests.rollout.drafts import draft_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(manager: User) -> Project:
    return create_project(draft=draft_for("teams-upgrade"), owner=manager, acting_user=manager)


def test_they_are_what_the_plan_said(planned: Project) -> None:
    assert anchors_of(planned) == plan_project(draft_for("teams-upgrade")).schedule.anchors


def test_a_moved_wave_moves_the_anchor_and_a_cancelled_one_counts_no_more(planned: Project) -> None:
    before = anchors_of(planned)
    last = planned.cohorts.latest("switch_on")
    week = timedelta(days=7)
    Cohort.objects.filter(pk=last.pk).update(
        switch_on=last.switch_on + week, ends_on=last.ends_on + week
    )
    assert anchors_of(planned).last_switch == before.last_switch + week
    Cohort.objects.filter(pk=last.pk).update(status="cancelled")
    assert anchors_of(planned).last_switch < before.last_switch


def test_without_cohorts_the_project_counts_from_its_own_dates(project: Project) -> None:
    CohortFactory(project=project, status="cancelled")
    start, target = project.starts_on, project.target_on
    assert anchors_of(project) == Anchors(start, start, start, target, target, target)
