"""A hundred times the date moves while its mail leaves: nobody is left with the old one."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from accounts.models import User
from communications.services.pipeline.switch import ensure_switch
from tests.communications.sink import Sink
from tests.factories.people import UserFactory
from tests.rollout.racing import cohort_with_a_mail_due, drain, race, told_by

pytestmark = pytest.mark.django_db(transaction=True)
PAIRS = 100


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with Sink() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def test_nobody_is_left_with_the_old_date(sink: Sink) -> None:
    manager: User = UserFactory()
    ensure_switch()
    for number in range(PAIRS):
        race(cohort_with_a_mail_due(manager), manager, Random(number))  # noqa: S311 - no secret
    drain()
    told = told_by(sink)
    assert told.faults == []
    # Both were the faster one for somebody, or it was no race.
    assert (told.old.total() > 0, told.new.total() > 0) == (True, True)
