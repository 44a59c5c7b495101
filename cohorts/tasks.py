"""Large rosters, apart from the request that asked for them; the rows behind figures of people."""

from celery import shared_task

from cohorts.enums import UploadStatus
from cohorts.services import counts, undo_work, upload_work


@shared_task(name="cohorts.tasks.read_roster", ignore_result=True)
def read_roster(upload_id: int) -> None:
    """Make the preview of an uploaded roster; twice does no harm."""
    upload_work.work_on(upload_pk=upload_id, status=UploadStatus.READING)


@shared_task(name="cohorts.tasks.import_roster", ignore_result=True)
def import_roster(upload_id: int) -> None:
    """Import an uploaded roster that was confirmed; twice does no harm."""
    upload_work.work_on(upload_pk=upload_id, status=UploadStatus.IMPORTING)


@shared_task(name="cohorts.tasks.undo_import", ignore_result=True)
def undo_import(import_id: int) -> None:
    """Undo a large import that somebody asked to undo; twice does no harm."""
    undo_work.undo_asked(import_pk=import_id)


@shared_task(name="cohorts.tasks.tend_rosters", ignore_result=True)
def tend_rosters() -> None:
    """Notice uploads whose worker is gone, and what no worker has begun."""
    upload_work.tend_uploads()
    undo_work.tend_undoing()


@shared_task(name="cohorts.tasks.fold_counts", ignore_result=True)
def fold_counts() -> None:
    """Make few rows of the many that changes of people leave behind."""
    counts.fold_counts()
