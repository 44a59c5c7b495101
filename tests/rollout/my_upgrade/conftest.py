"""10 May 2038: Wave 1 switches in three weeks, Wave 2 is open for choice. A person of Wave 1."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.test import Client

from cohorts.models import Cohort, Participant
from playbooks.library import get_playbook
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.rollout.my_upgrade.visiting import AT, visitor


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """10 May 2038, three weeks before Wave 1 switches. Stands still."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def project(project: Project) -> Project:
    modes = get_playbook("teams-upgrade").to_snapshot()["modes"]
    project.playbook_snapshot = {"modes": modes}
    project.help_contact = "the service desk"
    project.save()
    return project


@pytest.fixture
def first(project: Project) -> Cohort:
    return CohortFactory(project=project, name="Wave 1")


@pytest.fixture
def second(project: Project) -> Cohort:
    later = {"switch_on": date(2038, 6, 15), "ends_on": date(2038, 6, 30)}
    return CohortFactory(project=project, name="Wave 2", is_bookable=True, **later)


@pytest.fixture
def person(first: Cohort) -> Participant:
    someone = ParticipantFactory(project=first.project, display_name="Petersen, Jonas (IT)")
    return MembershipFactory(cohort=first, participant=someone).participant


@pytest.fixture
def client(person: Participant) -> Client:
    return visitor(person)
