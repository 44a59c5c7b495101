"""Every page of the table asks the same number of queries for a little and for a lot."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from projects.enums import AccessRole
from projects.models import Project
from tests.factories.projects import ProjectFactory, StakeholderFactory
from tests.many import grow
from tests.permissions import PERSONAS, ROWS
from tests.permissions.communications import of_preview

MANAGER = PERSONAS.index("manager")
PAGES = [name for name, row in ROWS.items() if row.GET.split()[MANAGER] == "200"]


def asked(client: Client, address: str) -> int:
    """The number of queries of this page."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        if response.streaming:
            b"".join(response.streaming_content)
    assert response.status_code == 200, address
    return len(queries)


def addresses(project: Project) -> dict[str, str]:
    """Of every page; rows that need the same thing share one."""
    # The preview's person has to be the only one while its row looks for them.
    rows = sorted(PAGES, key=lambda name: ROWS[name].arguments is not of_preview)
    made: dict[Any, dict[str, Any]] = {}
    found = {}
    for name in rows:
        make = ROWS[name].arguments
        made[make] = made.get(make) or make(project)
        found[name] = reverse(name, kwargs=made[make])
    return found


def test_pages_ask_the_same_for_a_thousand_people_and_sixty_of_each_thing(
    project: Project, manager: User, as_user: Any
) -> None:
    client, pages = as_user(manager), addresses(project)

    def counts() -> dict[str, int]:
        return {name: asked(client, address) for name, address in pages.items()}

    grow(project, people=30, things=3)
    counts()  # what is kept for the whole process is read now
    few = counts()
    grow(project, people=1000, things=60)
    assert counts() == few


def test_home_asks_the_same_for_sixty_projects(manager: User, as_user: Any) -> None:
    client, counts = as_user(manager), []
    for number in (3, 60):
        for project in ProjectFactory.create_batch(number, created_by=manager):
            StakeholderFactory(project=project, user=manager, access=AccessRole.MANAGER)
            grow(project, people=1, things=1)
        asked(client, "/")
        counts.append(asked(client, "/"))
    assert counts[0] == counts[1]
