"""Large rosters, apart from the request that asked for them; the rows behind figures of people."""

from celery import shared_task

from cohorts.enums import UploadStatus
from cohorts.services import counts, upload_work


@shared_task(name="cohorts.tasks.read_roster", ignore_result=True)
def read_roster(upload_id: int) -> None:
    """Make the preview of an uploaded roster; twice does no harm."""
    upload_work.work_on(upload_pk=upload_id, status=UploadStatus.READING)


@shared_task(name="cohorts.tasks.import_roster", ignore_result=True)
def import_roster(upload_id: int) -> None:
    """Import an uploaded roster that was confirmed; twice does no harm."""
    upload_work.work_on(upload_pk=upload_id, status=UploadStatus.IMPORTING)


@shared_task(name="cohorts.tasks.tend_rosters", ignore_result=True)
def tend_rosters() -> None:
    """Notice uploads whose worker is gone, or that no worker has begun."""
    upload_work.tend_uploads()


@shared_task(name="cohorts.tasks.fold_counts", ignore_result=True)
def fold_counts() -> None:
    """Make few rows of the many that changes of people leave behind."""
    counts.fold_counts()
