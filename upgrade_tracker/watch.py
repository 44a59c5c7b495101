"""Mail leaves although nobody rings: beat may have gone, or the broker with it.

A thread in the parent of each Celery worker. After a while without a ring it rings itself; where
the broker does not answer it starts `send_due --every`, which needs none, until a ring is heard.
"""

import os
import signal
import sys
import threading
import time
from typing import Any

import structlog
from celery import bootsteps
from celery.signals import task_received, worker_shutting_down
from kombu.exceptions import KombuError
from redis import Redis
from redis.exceptions import RedisError

from upgrade_tracker.launch.processes import Child

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
# So often in a row the broker does not answer: a restart is none of our business.
MISSES = 2
POLL_SECONDS = 5
# Beat rings every 5 s, so this is one ring that did not come.
SILENCE_SECONDS = 6.0
# Rings that reach the broker and that nobody hears: all places are taken, or it forgets them.
DEAF_SECONDS = 20.0
# A stop gives mails back within ten.
STOP_SECONDS = 12.0


class StandIn:
    """A process that sends without a broker. It ends with this one, whatever ends this one."""

    def __init__(self) -> None:
        self._child = Child(
            name="stand-in",
            command=[sys.executable, "manage.py", "send_due", "--every", str(POLL_SECONDS)],
            environment=os.environ,
            orphan_signal=signal.SIGTERM,
        )
        self._started_at = float("-inf")

    def start(self) -> None:
        """At most every few seconds, should it end by itself."""
        if self._child.is_running() or time.monotonic() - self._started_at < POLL_SECONDS:
            return
        log.warning("sending_without_broker")
        self._started_at = time.monotonic()
        self._child.start()

    def ask_to_stop(self) -> None:
        """It finishes the mails in hand and gives the others back."""
        self._child.ask_to_stop()

    def wait_stopped(self) -> None:
        self._child.wait_stopped()


class Watch(bootsteps.StartStopStep):
    """Started before the consumer, which does not come back until the worker ends."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **options: Any) -> None:
        self._app = parent.app
        self._task = self._app.conf.beat_schedule["send"]["task"]
        self._heard_at = time.monotonic()
        self._rung_at = float("-inf")
        self._is_reached = True
        self._misses = 0
        self._is_over = threading.Event()
        self._stand_in = StandIn()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        super().__init__(parent, **options)

    def start(self, parent: Any) -> None:
        task_received.connect(self._on_received)
        worker_shutting_down.connect(self._on_shutdown)
        self._thread.start()

    def stop(self, parent: Any) -> None:
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS + LOOK_SECONDS)

    terminate = stop

    def _on_received(self, request: Any = None, **about: Any) -> None:
        if request is not None and request.name == self._task:
            self._heard_at = time.monotonic()

    def _on_shutdown(self, **about: Any) -> None:
        self._is_over.set()

    def _run(self) -> None:
        """The kernel ends the stand-in with the thread that started it, so it waits here."""
        while not self._is_over.wait(LOOK_SECONDS):
            self._misses = 0 if self._answers() else self._misses + 1
            silent = time.monotonic() - self._heard_at
            if self._misses >= MISSES:
                self._stand_in.start()
            elif silent < SILENCE_SECONDS:
                self._stand_in.ask_to_stop()
            elif not self._ring() or silent > DEAF_SECONDS:
                self._stand_in.start()
        self._stand_in.ask_to_stop()
        self._stand_in.wait_stopped()

    def _answers(self) -> bool:
        """Whether the broker does, within a second."""
        client = Redis.from_url(
            self._app.conf.broker_url, socket_timeout=1, socket_connect_timeout=1
        )
        try:
            client.ping()
        except RedisError:
            return False
        finally:
            client.close()
        return True

    def _ring(self) -> bool:
        """Whether the broker took the last ring; one every five seconds."""
        if time.monotonic() - self._rung_at < POLL_SECONDS:
            return self._is_reached
        try:
            self._app.send_task(
                self._task,
                queue=next(iter(self._app.amqp.queues.consume_from)),
                expires=POLL_SECONDS,
                retry=False,
                ignore_result=True,
            )
            self._is_reached = True
        except (KombuError, RedisError, OSError) as error:
            self._is_reached = False
            log.info("broker_away", error=type(error).__name__)
        self._rung_at = time.monotonic()
        return self._is_reached
