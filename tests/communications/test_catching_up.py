"""Who joins late gets what the message says they get, once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from communications.enums import LatePolicy, OccurrenceState
from communications.models import Delivery, Occurrence
from communications.services.catching_up import catch_up
from tests.communications.pipeline import add_people, due_occurrence, run_worker, states
from tests.communications.sink import Sink
from tests.factories.communications import SuppressionFactory

pytestmark = pytest.mark.django_db


def gone_out(sink: Sink, **also: Any) -> Occurrence:
    """Sent to one person; a second one joined since."""
    occurrence = due_occurrence(1, **{"message__late_policy": LatePolicy.SEND, **also})
    run_worker()
    add_people(occurrence, 1)
    occurrence.refresh_from_db()
    return occurrence


def test_who_joins_late_gets_it_and_nobody_else_again(sink: Sink) -> None:
    occurrence = gone_out(sink)
    assert occurrence.state == OccurrenceState.DONE
    assert catch_up(at=now()) == 1
    run_worker()
    assert [mail.recipient for mail in sink.mails] == [
        m.participant.upn for m in occurrence.cohort.memberships.order_by("pk")
    ]
    assert catch_up(at=now()) == 0
    occurrence.refresh_from_db()
    assert occurrence.state == OccurrenceState.DONE


def test_who_was_skipped_is_not_missing(sink: Sink) -> None:
    occurrence = due_occurrence(1, message__late_policy=LatePolicy.SEND)
    SuppressionFactory(address_key=occurrence.cohort.memberships.get().participant.upn)
    run_worker()
    assert (catch_up(at=now()), list(states(occurrence).values())) == (0, ["skipped"])


def test_its_last_moment_moves_so_that_there_is_time(sink: Sink) -> None:
    occurrence = gone_out(sink)
    Occurrence.objects.update(not_after=now() - timedelta(days=1))
    catch_up(at=now())
    run_worker()
    assert set(states(occurrence).values()) == {"sent"}


@pytest.mark.parametrize(
    "changes",
    [
        {"message": {"late_policy": LatePolicy.SKIP}},
        {"message": {"status": "paused"}},
        {"project": {"status": "paused"}},
        {"cohort": {"status": "finished"}},
        {"self": {"due_at": now() - timedelta(days=31)}},
        {"self": {"state": OccurrenceState.CANCELLED}},
    ],
)
def test_otherwise_nobody_gets_it_later(sink: Sink, changes: dict[str, Any]) -> None:
    occurrence = gone_out(sink)
    for name, columns in changes.items():
        row = occurrence if name == "self" else getattr(occurrence, name)
        type(row)._default_manager.filter(pk=row.pk).update(**columns)
    assert catch_up(at=now()) == 0
    assert Delivery.objects.count() == 1
