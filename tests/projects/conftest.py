"""A project made from the tiny playbook, with the personas as its stakeholders."""

from datetime import date

import pytest

from accounts.models import User
from projects.enums import AccessRole
from projects.models import Project
from projects.schedule import plan_schedule
from projects.services.projects import create_project_rows
from tests.factories.playbooks import tiny_playbook
from tests.factories.projects import StakeholderFactory


@pytest.fixture
def planned(manager: User, contributor: User, viewer: User) -> Project:
    """Starts on Monday 2038-01-04; the manager carries the leading role."""
    playbook = tiny_playbook()
    schedule = plan_schedule(
        playbook,
        starts_on=date(2038, 1, 4),
        target_on=None,
        wave_count=2,
        timezone="Europe/Berlin",
    )
    project = create_project_rows(
        name="Move Everybody",
        playbook=playbook,
        schedule=schedule,
        timezone="Europe/Berlin",
        from_mode="old",
        to_mode="new",
        acting_user=manager,
        owner=manager,
    )
    StakeholderFactory(project=project, user=contributor, access=AccessRole.CONTRIBUTOR)
    StakeholderFactory(project=project, user=viewer, access=AccessRole.VIEWER)
    return project
