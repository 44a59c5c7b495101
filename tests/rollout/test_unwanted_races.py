"""A hundred times of each kind a mail becomes unwanted while it leaves."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from communications.services.pipeline.switch import ensure_switch
from tests.communications.sink import Sink
from tests.rollout.unwanted import KINDS, race

pytestmark = pytest.mark.django_db(transaction=True)
PAIRS = 100


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with Sink(has_pipelining=True) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_marked_after_the_commit_that_made_it_unwanted(sink: Sink, kind: str) -> None:
    ensure_switch()
    result = race(KINDS[kind], PAIRS, sink, Random(1))  # noqa: S311 - no secret
    assert result.faults == []
    assert result.mail_first + result.unwanted_first == PAIRS
    # Both were the faster one for somebody, or it was no race.
    assert (result.mail_first > 0, result.unwanted_first > 0) == (True, True)
