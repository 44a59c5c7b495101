"""What the tests of sending need: an occurrence that is due, and one run of a worker."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from cohorts.models import Participant
from communications.enums import OccurrenceState
from communications.mailer.breaker import Breaker
from communications.models import Delivery, Occurrence
from communications.services.pipeline.claim import Claimed
from communications.services.pipeline.step import Mark, Step, Written
from communications.services.pipeline.worker import Worker
from tests.factories.cohorts import MembershipFactory
from tests.factories.communications import MessageFactory, OccurrenceFactory


@transaction.atomic  # a worker that runs beside sees all of the people or none
def due_occurrence(people: int = 0, **also: Any) -> Occurrence:
    """Approved and due a minute ago, for a cohort of ``people``; columns of both in ``also``.

    An instant, no time of day: otherwise whoever looks at zones would move it there.
    """
    message = {k.removeprefix("message__"): also.pop(k) for k in list(also) if "message__" in k}
    also = {"message": MessageFactory(**message), **also} if "message" not in also else also
    due_at = now() - timedelta(minutes=1)
    occurrence = OccurrenceFactory(
        **{
            "state": OccurrenceState.APPROVED,
            "wall_at": None,
            "due_at": due_at,
            "not_after": due_at + timedelta(days=3),
            **also,
        }
    )
    add_people(occurrence, people)
    return occurrence


def add_people(occurrence: Occurrence, number: int) -> list[Participant]:
    return [MembershipFactory(cohort=occurrence.cohort).participant for _ in range(number)]


def run_worker(seconds: float | None = None) -> dict[str, int]:
    """One worker until nothing is due; what it did, by state."""
    return dict(new_worker().run(seconds))


def new_worker(is_stopping: Callable[[], bool] = lambda: False) -> Worker:
    return Worker(
        lease_seconds=settings.SEND_LEASE_SECONDS,
        is_stopping=is_stopping,
        breaker=Breaker(),
        connections=settings.SEND_CONNECTIONS,
    )


def mark(mail: Claimed, revision: int, owner: UUID, lease_seconds: float = 60) -> bool:
    """Whether this claimed row may get its final dot."""
    asked = Mark(mail.pk, mail.occurrence.pk, revision, mail.address_key)
    written = step(owner, lease_seconds, marks=[asked])
    return mail.pk in written.marked


def step(owner: UUID, lease_seconds: float = 60, **what: Any) -> Written:
    """One statement of this owner's worker: results, marks and begins."""
    statement = Step(owner, lease_seconds)
    try:
        return statement.write(**what)
    finally:
        statement.close()


def states(occurrence: Occurrence) -> dict[str, str]:
    """{recipient key: state} of every row."""
    return dict(
        Delivery.objects.filter(occurrence=occurrence).values_list("recipient_key", "state")
    )


def the_row(occurrence: Occurrence) -> Delivery:
    return Delivery.objects.get(occurrence=occurrence)
