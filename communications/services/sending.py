"""Runs a worker: for a moment from Celery, or to the end from the command line.

The steps are in `pipeline`; what is due is in the rows. Nothing here knows how many workers run.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from communications.enums import DeliveryState
from communications.mailer.breaker import Breaker
from communications.queries.ledger import due_count
from communications.services.pipeline import clock, sender, switch
from communications.services.pipeline.worker import Worker
from communications.stopping import StopFlag

# Both live as long as the process: the flag is set by its signal handlers.
STOP = StopFlag()
_BREAKER = Breaker()


@dataclass(frozen=True, slots=True)
class Report:
    """What one run did, and what it left: ``remaining`` mails are due and not finished."""

    sent: int
    failed: int
    skipped: int
    uncertain: int
    put_off: int
    remaining: int
    held_until: datetime | None
    is_on: bool


def send_due(seconds: float | None = None) -> Report:
    """Plan, expand and send until nothing is due, or for about ``seconds``.

    Without a limit it also waits for what other workers hold, dead ones until their lease runs
    out. A mail put off by the server is due again later; this does not wait for it. Raises
    django.db.OperationalError where the database stays away.
    """
    worker = Worker(
        lease_seconds=settings.SEND_LEASE_SECONDS,
        is_stopping=STOP.is_set,
        breaker=_BREAKER,
        connections=settings.SEND_CONNECTIONS,
    )
    totals = worker.run(seconds, is_patient=seconds is None)
    return Report(
        sent=totals[DeliveryState.SENT],
        failed=totals[DeliveryState.FAILED],
        skipped=totals[DeliveryState.SKIPPED],
        uncertain=totals[DeliveryState.UNCERTAIN],
        put_off=totals[DeliveryState.QUEUED],
        remaining=due_count(clock.database_now()),
        held_until=sender.held_until(),
        is_on=switch.is_on(),
    )
