"""Rings a worker on commit. The database holds the work; a lost ring costs seconds, never data.

Redis being away, full or slow must not break the request that rings: errors are logged and counted,
the poll of the workers finds the work all the same.
"""

from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError
from prometheus_client import Counter
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
UNHEARD = Counter("doorbell_unheard_total", "Rings that did not reach Redis.", ["task"])


def ring(task: str, *ids: int) -> None:
    """Ask, once this transaction has committed, that ``task`` (its name) runs soon for ``ids``."""
    transaction.on_commit(lambda: _send(task, *ids), robust=True)


def _send(task: str, *args: Any) -> None:
    try:
        current_app.send_task(task, args=args, retry=False, ignore_result=True)
    except (KombuError, RedisError, OSError) as error:
        UNHEARD.labels(task=task).inc()
        log.warning("doorbell_unheard", task=task, error=type(error).__name__)
