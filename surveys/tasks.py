"""Looks for surveys whose time is over. No arguments: the rows say what there is to do."""

from celery import shared_task
from django.utils import timezone

from surveys.services.closing import close_due_surveys as close_due
from surveys.services.closing import forget_drafts


@shared_task
def close_due_surveys() -> None:
    now = timezone.now()
    close_due(at=now)
    forget_drafts(at=now)
