"""The Celery application. Tasks carry ids at most; the rows in PostgreSQL are the queue."""

import os
import signal
import sys

from billiard.util import set_pdeathsig
from celery import Celery
from celery.signals import worker_process_init

from upgrade_tracker.watch import Watch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")

app = Celery("upgrade_tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Watch)


@worker_process_init.connect
def die_with_parent(**kwargs: object) -> None:
    """A pool process in the middle of a task would outlive a killed worker, and go on alone."""
    if sys.platform == "linux":
        set_pdeathsig(signal.SIGKILL)
