"""Rings a worker on commit. The database holds the work; a lost ring costs seconds, never data.

Redis being away, full or slow must not break the request that rings, nor hold it up: errors are
logged and counted, and for some seconds nobody here tries again. The poll of the workers finds the
work all the same.
"""

import time
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu import Connection, pools
from kombu.exceptions import KombuError
from prometheus_client import Counter
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
HEARD_SECONDS = 1.0
DEAF_SECONDS = 5.0
UNHEARD = Counter("doorbell_unheard_total", "Rings that did not reach Redis.", ["task"])


def ring(task: str, *ids: int) -> None:
    """Ask, once this transaction has committed, that ``task`` (its name) runs soon for ``ids``."""
    transaction.on_commit(lambda: _send(task, *ids), robust=True)


def _send(task: str, *args: Any) -> None:
    if time.monotonic() < _Deaf.until:
        UNHEARD.labels(task=task).inc()
        return
    try:
        with pools.producers[_line()].acquire(block=True, timeout=HEARD_SECONDS) as producer:
            current_app.send_task(
                task, args=args, retry=False, ignore_result=True, producer=producer
            )
    except (KombuError, RedisError, OSError) as error:
        _Deaf.until = time.monotonic() + DEAF_SECONDS
        UNHEARD.labels(task=task).inc()
        log.warning("doorbell_unheard", task=task, error=type(error).__name__)


def _line() -> Connection:
    """To the broker, with less patience than a worker has, who waits for its next task there."""
    quick = {"socket_timeout": HEARD_SECONDS, "socket_connect_timeout": HEARD_SECONDS}
    line: Connection = current_app.connection_for_write(transport_options=quick)
    return line


class _Deaf:
    """A broker that hangs costs one request a moment, not every request."""

    until = float("-inf")
