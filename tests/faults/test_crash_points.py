"""A worker that dies at each point of the hand-over, twice: at its first mail and at its third."""

from pathlib import Path
from typing import Any

import pytest

from communications.enums import UncertainDecision
from communications.mailer.crash import POINTS
from communications.models import Delivery
from communications.services.outbox import resolve_uncertain
from projects.models import Event
from tests.communications.pipeline import due_occurrence, run_worker
from tests.factories.people import UserFactory
from tests.faults.processes import (
    Mailserver,
    finish,
    let_leases_run_out,
    start_worker,
    wait_until,
)
from tests.faults.truth import check_promise
from tests.faults.ways import ONCE, leading_to, step_of, way_to

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 5
BEFORE_ANY_DOT = ("reap", "plan", "expand", "claim", "begin", "hold", "pause", "finish")


@pytest.mark.parametrize("turn", [1, 3])
@pytest.mark.parametrize(
    ("point", "uncertain", "arrived"),
    [
        ("before-claim", 0, PEOPLE),
        ("after-claim", 0, PEOPLE),
        ("before-begin", 0, PEOPLE),
        ("before-mark", 0, PEOPLE),
        ("after-mark", 1, PEOPLE - 1),
        ("before-dot", 1, PEOPLE - 1),
        ("after-dot", 1, PEOPLE),
        ("after-answer", 1, PEOPLE),
        ("before-result", 1, PEOPLE),
        ("after-result", 1, PEOPLE - 1),
    ],
)
def test_a_worker_dies(
    mailserver: Mailserver, settings: Any, point: str, turn: int, uncertain: int, arrived: int
) -> None:
    settings.SEND_CONNECTIONS = 1
    occurrence = due_occurrence(PEOPLE)
    # All are claimed at once, so the first claim is the only one that brings mails.
    turn = 1 if point in ("before-claim", "after-claim", "before-begin") else turn
    process = start_worker(f"{point}:{turn}")
    process.join(30)
    assert process.exitcode == 137
    if point == "after-dot":  # it is on its way
        wait_until(lambda: mailserver.count() == turn)
    finish()
    states = check_promise(occurrence, PEOPLE, mailserver)
    if point == "before-mark" and turn > 1:
        uncertain = 1  # the result of the mail before travels with the mark
    assert (states["uncertain"], mailserver.count()) == (uncertain, arrived)
    assert Event.objects.filter(verb="occurrence.uncertain").count() == uncertain


@pytest.mark.parametrize(("turn", "has_pipelining"), [(1, True), (10, False)])
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_dies_with_eight_connections(
    tmp_path: Path, settings: Any, point: str, turn: int, has_pipelining: bool
) -> None:
    """Whatever stood where: at most one uncertain mail for each connection."""
    settings.DEVELOPMENT, settings.SEND_CONNECTIONS = True, 8
    way, turn = way_to(point), 1 if step_of(point) in ONCE else turn
    occurrence = due_occurrence(way.mails)
    with Mailserver(tmp_path, has_pipelining=has_pipelining, slow=way.slow) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        with leading_to(point, dead_worker=leave_rows):
            process = start_worker(f"{point}:{turn}", seconds=way.seconds)
            process.join(30)
            assert process.exitcode == 137
        server.hurry()
        finish()
        states = check_promise(occurrence, way.mails, server)
    assert states["uncertain"] <= 8
    assert states["uncertain"] == 0 or step_of(point) not in BEFORE_ANY_DOT


def leave_rows() -> None:
    start_worker("after-claim").join(30)
    let_leases_run_out()


def test_a_row_over_which_workers_die_is_put_away(mailserver: Mailserver) -> None:
    occurrence = due_occurrence(2)
    for _death in range(5):
        process = start_worker("before-mark:1")
        process.join(30)
        assert process.exitcode == 137
        Delivery.objects.filter(state="claimed").update(lease_until="2000-01-01T00:00Z")
    assert run_worker() == {"sent": 1}
    rows = Delivery.objects.filter(occurrence=occurrence)
    assert sorted(rows.values_list("state", "claims")) == [("quarantined", 5), ("sent", 0)]


def test_what_is_uncertain_arrives_when_a_person_says_so(mailserver: Mailserver) -> None:
    occurrence = due_occurrence(1)
    start_worker("before-dot").join(30)
    finish()
    assert mailserver.count() == 0
    resolve_uncertain(
        occurrence=occurrence,
        decision=UncertainDecision.SEND_AGAIN,
        acting_user=UserFactory(),
    )
    run_worker()
    assert check_promise(occurrence, 1, mailserver) == {"sent": 1}
