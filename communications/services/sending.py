"""Runs a worker: for a moment from Celery, or to the end from the command line.

The steps are in `pipeline`; what is due is in the rows. Nothing here knows how many workers run.
"""

import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection

from communications.enums import DeliveryState
from communications.mailer.breaker import Breaker
from communications.queries.ledger import due_count
from communications.services.pipeline import clock, sender, switch
from communications.services.pipeline.finish import finish_all
from communications.services.pipeline.patience import AWAY
from communications.services.pipeline.posting import Poster
from communications.services.pipeline.worker import Worker
from communications.stopping import StopFlag

log = structlog.get_logger(__name__)

# One turn of somebody who sends for a long time: mails, then posts, then mails again.
MAIL_SECONDS = 8.0
POST_SECONDS = 4.0
LOOK_SECONDS = 0.25

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


COUNTED = ("sent", "failed", "skipped", "uncertain", "put_off")


def post_due(seconds: float) -> Counter[str]:
    """Post to Teams channels what is due, for about ``seconds``: rows by their new state.

    One process does at a time, so a Workflow that takes its time never holds up more than one place
    for tasks. Raises django.db.OperationalError where there is no database.
    """
    poster = Poster(lease_seconds=settings.SEND_LEASE_SECONDS, is_stopping=STOP.is_set)
    return poster.run(seconds)


def send_due(seconds: float | None = None) -> Report:
    """Plan, expand and send until nothing is due, or for about ``seconds``.

    Without a limit it also posts to Teams channels, and waits for what other workers hold, dead
    ones until their lease runs out. A mail put off by the server is due again later;
    this does not wait for it. Raises django.db.OperationalError where the database stays away.
    """
    worker = Worker(
        lease_seconds=settings.SEND_LEASE_SECONDS,
        is_stopping=STOP.is_set,
        breaker=_BREAKER,
        connections=settings.SEND_CONNECTIONS,
    )
    totals = worker.run(seconds, is_patient=seconds is None)
    if seconds is None:
        totals += post_due(float("inf"))
        finish_all(clock.database_now())
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


def keep_sending(every: float) -> Report:
    """Mails and posts, again ``every`` seconds after nothing was due, until a stop is asked for.

    The report adds up all turns. A database that is away, full or read-only is waited for, but not
    for the report: then its error is raised.
    """
    totals: Counter[str] = Counter()
    while not STOP.is_set():
        began = time.monotonic()
        try:
            report = send_due(MAIL_SECONDS)
            totals.update({name: n for name, n in asdict(report).items() if name in COUNTED})
            post_due(POST_SECONDS)
        except AWAY:
            connection.close()
            log.warning("no_database_to_send_from")
        if time.monotonic() - began < MAIL_SECONDS:
            _rest(every)
    return Report(
        **{name: totals[name] for name in COUNTED},
        remaining=due_count(clock.database_now()),
        held_until=sender.held_until(),
        is_on=switch.is_on(),
    )


def _rest(seconds: float) -> None:
    until = time.monotonic() + seconds
    while not STOP.is_set() and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
