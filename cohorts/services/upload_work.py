"""Reads and imports a kept file: in the request where it is small, in a worker where it is large.

A worker holds an advisory lock for as long as it works, so that one that was killed can be told
from one that is busy; its transaction is gone with it, and nothing is half done. Progress, and the
wish to stop, go over a connection of their own.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from cohorts.enums import UPLOAD_TRANSITIONS, UploadStatus
from cohorts.exceptions import RosterChanged, UploadCancelled
from cohorts.models import RosterBefore, RosterImport, RosterPart, RosterUpload
from cohorts.queries.uploads import WORKING, content_of, is_abandoned, lock_of, report_of
from cohorts.roster.report import ImportReport, RosterRefused
from cohorts.services.roster import import_people
from common.doorbell import ring
from common.exceptions import DomainError
from common.state import change_status

log = structlog.get_logger(__name__)
SECONDS_BETWEEN_NEWS = 0.5
UPLOAD_KEPT_FOR = timedelta(days=1)
UNDO_KEPT_FOR = timedelta(days=7)
TASKS = {
    UploadStatus.READING: "cohorts.tasks.read_roster",
    UploadStatus.IMPORTING: "cohorts.tasks.import_roster",
}


def read_now(*, upload: RosterUpload, progress: Callable[[int], None] | None = None) -> None:
    """Make the preview of an upload that is being read. Raises what ``import_people`` raises."""
    try:
        report = _run(upload, is_dry_run=True, progress=progress)
    except RosterRefused as refusal:
        report = refusal.report
    _move(upload, UploadStatus.PREVIEWED, report=report.as_stored(), rows_read=report.rows)


def import_now(*, upload: RosterUpload, progress: Callable[[int], None] | None = None) -> None:
    """Import an upload whose import was confirmed; its file stays only for its rejected rows."""
    report = _run(upload, is_dry_run=False, progress=progress)
    if not report.rejected:
        RosterPart.objects.filter(upload=upload).delete()
    kept = report_of(upload)
    stored = {**report.as_stored(), "samples": [], "active": kept.active}
    _move(upload, UploadStatus.DONE, report=stored, rows_read=report.rows)


def work_on(*, upload_pk: int, status: UploadStatus) -> None:
    """In a worker: do what ``status`` asks for, once. Whatever comes of it stands in the row."""
    side = connection.copy()
    try:
        if _claim(side, upload_pk, status):
            _work(side, upload_pk, status)
    finally:
        side.close()


def _work(side: Any, upload_pk: int, status: UploadStatus) -> None:
    work = read_now if status == UploadStatus.READING else import_now
    rows = RosterUpload.objects.select_related("project", "cohort", "uploaded_by", "decided_by")
    try:
        with transaction.atomic():
            work(upload=rows.get(pk=upload_pk), progress=_news(side, upload_pk))
    except UploadCancelled:
        _end(upload_pk, status, UploadStatus.CANCELLED, "")
    except RosterChanged as error:
        _look_again(upload_pk, str(error))
    except DomainError as error:
        _end(upload_pk, status, UploadStatus.FAILED, str(error))


def tend_uploads() -> None:
    """Say of uploads whose worker was killed that they failed; ring for those nobody began.

    What is too old to be decided on, or undone, is forgotten.
    """
    forget_old()
    for upload in RosterUpload.objects.filter(status__in=WORKING).order_by("pk"):
        if is_abandoned(upload):
            log.warning("roster_abandoned", upload=upload.pk)
            sentence = _("The worker ended while it was at this file. Nothing was written.")
            _end(upload.pk, upload.status, UploadStatus.FAILED, sentence)
        elif upload.started_at is None:
            ring(TASKS[UploadStatus(upload.status)], upload.pk)


@transaction.atomic
def forget_old() -> None:
    """Files and how people were before an import are personal data, kept no longer than needed."""
    RosterUpload.objects.filter(created_at__lt=now() - UPLOAD_KEPT_FOR).delete()
    RosterBefore.objects.filter(roster_import__made_at__lt=now() - UNDO_KEPT_FOR).delete()
    RosterImport.objects.filter(made_at__lt=now() - UNDO_KEPT_FOR).delete()


def _run(
    upload: RosterUpload, *, is_dry_run: bool, progress: Callable[[int], None] | None
) -> ImportReport:
    with content_of(upload) as file:
        return import_people(
            project=upload.project,
            stream=file,
            cohort=upload.cohort,
            is_strict=upload.is_strict,
            is_dry_run=is_dry_run,
            acting_user=upload.decided_by or upload.uploaded_by,
            expected="" if is_dry_run else report_of(upload).digest,
            chosen=upload.columns,
            is_whole=upload.is_whole,
            leavers_agreed=upload.leavers_agreed,
            progress=progress,
            note=_("In the file %(file)s") % {"file": upload.file_name},
        )


def _claim(side: Any, upload_pk: int, status: UploadStatus) -> bool:
    """Whether the upload waits for this work and no other worker is at it.

    The lock is the session's: it outlasts the transaction, until the row says how it ended.
    """
    with side.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", lock_of(upload_pk))
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(
            "UPDATE cohorts_rosterupload SET started_at = now()"
            " WHERE id = %s AND status = %s AND NOT is_cancel_asked",
            [upload_pk, status],
        )
        return bool(cursor.rowcount)


def _news(side: Any, upload_pk: int) -> Callable[[int], None]:
    """A callable that writes how far we are, now and then, and raises if somebody said stop."""
    told_at = 0.0

    def tell(rows: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at < SECONDS_BETWEEN_NEWS:
            return
        told_at = time.monotonic()
        with side.cursor() as cursor:
            cursor.execute(
                "UPDATE cohorts_rosterupload SET rows_read = %s WHERE id = %s"
                " RETURNING is_cancel_asked",
                [rows, upload_pk],
            )
            found = cursor.fetchone()
        # Gone is as good as cancelled.
        if found is None or found[0]:
            raise UploadCancelled(_("This was stopped. Nothing was written."))

    return tell


def _move(upload: RosterUpload, new: UploadStatus, **also: Any) -> None:
    change_status(upload, new, transitions=UPLOAD_TRANSITIONS, **also)


@transaction.atomic
def _end(upload_pk: int, old: str, new: UploadStatus, fault: str) -> None:
    upload = RosterUpload.objects.select_for_update().filter(pk=upload_pk, status=old).first()
    if upload is not None:
        _move(upload, new, fault=fault, started_at=None)


@transaction.atomic
def _look_again(upload_pk: int, sentence: str) -> None:
    """The people have changed since the preview: make a new one, and say why."""
    upload = RosterUpload.objects.select_for_update().filter(pk=upload_pk).first()
    if upload is not None and upload.status == UploadStatus.IMPORTING:
        again = {"asked_at": now(), "started_at": None, "rows_read": 0}
        _move(upload, UploadStatus.READING, fault=sentence, **again)
        ring(TASKS[UploadStatus.READING], upload.pk)
