from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from accounts.models import User
from projects.enums import AccessRole
from projects.models import Project
from tests.communications.sink import Sink
from tests.factories.projects import StakeholderFactory
from tests.rollout.whole import AT, whole_project


@pytest.fixture
def march() -> Iterator[time_machine.Traveller]:
    """A Monday before the pilot of ``upgrade``, whatever the day of the test."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def upgrade(manager: User, contributor: User, viewer: User) -> Project:
    """A whole project: the manager's, with a contributor and a viewer."""
    project = whole_project(manager)
    StakeholderFactory(project=project, user=contributor, access=AccessRole.CONTRIBUTOR)
    StakeholderFactory(project=project, user=viewer, access=AccessRole.VIEWER)
    return project


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A mail server that this process's workers talk to."""
    with Sink() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server
