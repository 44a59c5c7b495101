"""Wakes a worker. No arguments: what is to be sent stands in the database."""

from typing import Any

import structlog
from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.db import connection
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from common.doorbell import ring
from communications.queries.channels import is_any_post_due
from communications.services import catching_up, sending
from communications.services.ledgers import keep_ledgers as keep
from communications.services.pipeline.clock import database_now
from communications.services.pipeline.patience import AWAY
from communications.services.zone_rules import follow_zone_rules as follow

log = structlog.get_logger(__name__)

# Beat rings every 5 s, so two of these take turns while there is much to send, and other tasks
# never wait longer than that for a free place.
SECONDS = 8.0
POST_SECONDS = 4.0
POST = "communications.tasks.post"
FOLLOW = "communications.tasks.follow_zone_rules"


@shared_task(name="communications.tasks.pump", ignore_result=True)
def pump() -> None:
    """Send what is due, for a moment. A database that stays away ends it; beat rings again."""
    try:
        sending.send_due(SECONDS)
        if is_any_post_due(database_now()):  # it may have made rows for channels
            ring(POST)
    except AWAY:
        connection.close()
        log.warning("pump_without_database")


@shared_task(name=POST, ignore_result=True)
def post() -> None:
    """Post to Teams channels what is due. Apart from mails, which no slow Workflow may hold up."""
    try:
        sending.post_due(POST_SECONDS)
    except AWAY:
        connection.close()
        log.warning("post_without_database")


@shared_task(name="communications.tasks.keep_ledgers", ignore_result=True)
def keep_ledgers() -> None:
    """Count once what is done and has changed since, so that no page has to."""
    keep()


@shared_task(name="communications.tasks.catch_up", ignore_result=True)
def catch_up() -> None:
    """People who joined a cohort since a message went out, where the message says they get it."""
    catching_up.catch_up(at=database_now())


@shared_task(name=FOLLOW, ignore_result=True)
def follow_zone_rules() -> None:
    """What is planned for a time of day, by the rules that zones have now."""
    follow(database_now())


@worker_ready.connect
def _look_at_zones(sender: Any = None, **_about: object) -> None:
    """Other rules mostly come with a new version, and that with a start. Beat asks once a day."""
    queue = next(iter(sender.app.amqp.queues.consume_from))
    try:
        sender.app.send_task(FOLLOW, queue=queue, retry=False, ignore_result=True)
    except (KombuError, RedisError, OSError) as error:
        log.info("broker_away", error=type(error).__name__)


@worker_shutting_down.connect
def _stop(**_about: object) -> None:
    """Runs in the parent; its children see the flag and finish the mail they are at."""
    sending.STOP.set()
