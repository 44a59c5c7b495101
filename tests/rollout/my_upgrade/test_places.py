"""Many people choose the last places at once on their own pages."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Semaphore

import pytest
from django.db import connection
from django.test import Client

from cohorts.models import Cohort, Membership
from communications.models import Delivery
from tests.cohorts.test_races import at_once
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.projects import ProjectFactory
from tests.rollout.my_upgrade.visiting import HOME, mark, visitor

ASKING, PLACES = 80, 20
CONNECTIONS = Semaphore(30)  # the server of the tests has a hundred, and others use it too


@pytest.fixture
def clock() -> None:
    """The real one: the workers of this test are threads."""


def wave(number: int, **more: object) -> Cohort:
    day = date(2050, number, 1)
    return CohortFactory(
        name=f"Wave {number}", switch_on=day, ends_on=day + timedelta(days=9), **more
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_as_many_get_a_place_as_there_are() -> None:
    project = ProjectFactory()
    left = wave(1, project=project)
    wanted = wave(2, project=project, is_bookable=True, capacity=PLACES)
    people = [MembershipFactory(cohort=left).participant for _ in range(ASKING)]
    clients = [visitor(person) for person in people]
    statuses = at_once(*(choose(client, mark(client), wanted) for client in clients))
    assert statuses.count(302) == PLACES
    assert set(statuses) <= {302, 409, 422}
    rows = Membership.objects.filter(participant__in=people)
    assert rows.filter(cohort=wanted, placed_by="choice").count() == PLACES
    assert rows.filter(cohort=left).count() == ASKING - PLACES
    assert Delivery.objects.count() == 0  # nobody had been told another date


def choose(client: Client, shown: str, cohort: Cohort) -> Callable[[], int]:
    data = {"visit": shown, "cohort": cohort.pk, "sure": "on"}

    def post() -> int:
        with CONNECTIONS:
            try:
                return client.post(f"{HOME}date/", data).status_code
            finally:
                connection.close()

    return post
