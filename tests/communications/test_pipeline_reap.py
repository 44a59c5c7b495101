"""Rows whose worker died: taken back, shown, or put away; and a truth that comes late."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils.timezone import now

from communications.enums import AmbiguityPolicy, DeliveryState
from communications.models import Delivery
from communications.services.pipeline.reap import reap
from communications.services.pipeline.step import AFTER_THE_DOT, Outcome
from projects.models import Event
from tests.communications.pipeline import due_occurrence, run_worker, step
from tests.communications.sink import Sink
from tests.factories.communications import DeliveryFactory

pytestmark = pytest.mark.django_db
OWNER = UUID(int=1)
HOLD, RESEND = AmbiguityPolicy.HOLD, AmbiguityPolicy.RESEND


def lost(policy: str, state: str, claims: int = 1, **also: Any) -> Delivery:
    occurrence = due_occurrence(0, ambiguity=policy, state="sending")
    row = DeliveryFactory(occurrence=occurrence, state=state, claims=claims, owner=OWNER)
    Delivery.objects.filter(pk=row.pk).update(
        **{"lease_until": now() - timedelta(seconds=1), **also}
    )
    return row


@pytest.mark.parametrize(
    ("policy", "state", "claims", "becomes", "owner"),
    [
        (HOLD, "claimed", 0, "queued", None),
        (HOLD, "claimed", 4, "queued", None),
        (HOLD, "claimed", 5, "quarantined", None),
        (HOLD, "sending", 1, "uncertain", OWNER),
        (HOLD, "sending", 5, "uncertain", OWNER),
        (RESEND, "sending", 1, "queued", None),
        (RESEND, "sending", 5, "quarantined", None),
    ],
)
def test_a_lost_row_is_found(
    policy: str, state: str, claims: int, becomes: str, owner: UUID | None
) -> None:
    row = lost(policy, state, claims)
    assert reap() == 1
    row.refresh_from_db()
    assert (row.state, row.owner, row.lease_until) == (becomes, owner, None)
    assert reap() == 0


@pytest.mark.parametrize("state", [s for s in DeliveryState if s not in ("claimed", "sending")])
def test_a_row_nobody_holds_is_left_alone(state: str) -> None:
    row = lost(HOLD, state)
    assert reap() == 0
    row.refresh_from_db()
    assert row.state == state


def test_a_row_within_its_lease_is_left_alone() -> None:
    lost(HOLD, "sending", lease_until=now() + timedelta(seconds=60))
    assert reap() == 0


def test_uncertain_mails_go_into_the_record_once() -> None:
    row = lost(HOLD, "sending")
    DeliveryFactory(
        occurrence=row.occurrence, state="sending", owner=OWNER, lease_until=row.lease_until
    )
    Delivery.objects.update(lease_until=now() - timedelta(seconds=1))
    reap()
    reap()
    event = Event.objects.get(verb="occurrence.uncertain")
    assert (event.data, event.project) == ({"mails": 2}, row.occurrence.project)
    assert event.sentence.startswith("Nobody knows whether 2 mails of")


def test_a_late_truth_beats_the_reaper_but_not_a_person() -> None:
    row = lost(HOLD, "sending")
    reap()
    truth = Outcome(row.pk, DeliveryState.SENT, AFTER_THE_DOT, code=250, text="taken")
    step(OWNER, results=[truth])
    row.refresh_from_db()
    assert (row.state, row.smtp_code, row.sent_at is not None) == ("sent", 250, True)
    decided = lost(HOLD, "sending")
    Delivery.objects.filter(pk=decided.pk).update(state="queued", owner=None)
    step(OWNER, results=[Outcome(decided.pk, DeliveryState.SENT, AFTER_THE_DOT)])
    decided.refresh_from_db()
    assert decided.state == "queued"


def test_lying_in_a_dead_workers_batch_is_no_death(sink: Sink) -> None:
    row = lost(HOLD, "claimed", claims=0)
    for _death in range(7):
        reap()
        Delivery.objects.filter(pk=row.pk).update(
            state="claimed", owner=OWNER, lease_until=now() - timedelta(seconds=1)
        )
    reap()
    row.refresh_from_db()
    assert (row.state, row.claims) == ("queued", 0)


def test_an_occurrence_with_a_lost_row_is_not_done_until_it_is_found(sink: Sink) -> None:
    row = lost(HOLD, "sending", lease_until=now() + timedelta(seconds=60))
    run_worker()
    row.occurrence.refresh_from_db()
    assert row.occurrence.state == "sending"
    Delivery.objects.update(lease_until=now())
    run_worker()
    row.occurrence.refresh_from_db()
    row.refresh_from_db()
    assert (row.occurrence.state, row.state, sink.mails) == ("done", "uncertain", [])
