"""A roster from the browser: kept, its columns matched, previewed, then confirmed or dropped.

A browser cannot send the same file twice without asking for it again, so it waits in the database,
in pieces. It is personal data: gone after the decision, or after a day. Large files are read and
imported by a worker (``services.upload_work``); this module only hands them over.
"""

import gzip
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from cohorts.enums import UPLOAD_TRANSITIONS, UploadStatus
from cohorts.models import Cohort, RosterPart, RosterUpload
from cohorts.queries.uploads import WORKING, chosen_for, content_of, is_abandoned
from cohorts.roster.columns import Choices, found_columns, matched_columns
from cohorts.roster.reading import RosterReader
from cohorts.services import upload_work
from cohorts.services.mapping import remember_columns
from cohorts.tables.opening import open_table
from common.doorbell import ring
from common.exceptions import Conflict
from common.state import change_status
from projects.models import Project
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User

PIECE = 1024 * 1024
# What a request does by itself; a larger file goes to a worker (some 10,000 people).
AT_ONCE = 2 * 1024 * 1024


@transaction.atomic
def keep_upload(
    *,
    project: Project,
    file: BinaryIO,
    file_name: str,
    cohort: Cohort | None,
    is_strict: bool,
    is_whole: bool = False,
    acting_user: "User",
) -> RosterUpload:
    """Keep ``file`` and read it, unless somebody has to say first what its columns are.

    Raises RosterError and CohortError; a file that goes to a worker fails there.
    """
    require_open(project)
    upload_work.forget_old()
    upload = RosterUpload.objects.create(
        project=project,
        cohort=cohort,
        uploaded_by=acting_user,
        file_name=file_name[:255],
        is_strict=is_strict,
        is_whole=is_whole,
        columns=chosen_for(project),
    )
    upload.size = _store(upload, file)
    upload.save(update_fields=["size"])
    file.seek(0)
    if _is_understood(file, upload.columns):
        _read(upload)
    return upload


@transaction.atomic
def choose_columns(
    *, upload: RosterUpload, columns: Mapping[str, str], acting_user: "User"
) -> RosterUpload:
    """Take the columns as said, for this file and for the project's next ones, and read it.

    Raises RosterError where nobody could tell who is meant, or for a file that cannot be read.
    """
    held = _locked(upload)
    if held.status in WORKING:
        raise Conflict(_("This file is being read. Wait a moment, or stop it."))
    held.columns = {**held.columns, **columns}
    with content_of(held) as file:
        RosterReader(file, held.columns)
    held.save(update_fields=["columns"])
    remember_columns(project=held.project, columns=columns, acting_user=acting_user)
    _read(held)
    return held


@transaction.atomic
def confirm_upload(
    *, upload: RosterUpload, acting_user: "User", leavers_agreed: int | None = None
) -> RosterUpload:
    """Import what was kept, exactly as previewed.

    Raises RosterChanged when the people have changed since; Conflict when somebody was faster; and
    what ``import_people`` raises. A large file goes to a worker, which says so in the row.
    """
    held = _locked(upload)
    change_status(
        held,
        UploadStatus.IMPORTING,
        transitions=UPLOAD_TRANSITIONS,
        decided_by=acting_user,
        leavers_agreed=leavers_agreed,
        **_handed_over(),
    )
    if held.size > AT_ONCE:
        ring("cohorts.tasks.import_roster", held.pk)
    else:
        upload_work.import_now(upload=held)
    return held


@transaction.atomic
def renew_preview(*, upload: RosterUpload, acting_user: "User") -> RosterUpload:
    """Compare the kept file with the people as they are now."""
    held = _locked(upload)
    _read(held)
    return held


@transaction.atomic
def drop_upload(*, upload: RosterUpload, acting_user: "User") -> RosterUpload | None:
    """Forget a kept file, or ask the worker that is at it to stop: the row is returned then.

    Nothing was written, so nothing is recorded.
    """
    held = _locked(upload)
    if held.status == UploadStatus.DONE:
        raise Conflict(_("This file was imported a moment ago. Look at the people."))
    if held.status in WORKING and held.started_at is not None and not is_abandoned(held):
        held.is_cancel_asked = True
        held.save(update_fields=["is_cancel_asked"])
        return held
    held.delete()
    return None


def _is_understood(file: BinaryIO, chosen: Choices) -> bool:
    """Whether nobody has to say what a column is. Raises RosterError for what is no table."""
    header = open_table(file, lambda header: len(found_columns(header))).header
    return not matched_columns(header, chosen).unknown


def _read(upload: RosterUpload) -> None:
    change_status(
        upload, UploadStatus.READING, transitions=UPLOAD_TRANSITIONS, fault="", **_handed_over()
    )
    if upload.size > AT_ONCE:
        ring("cohorts.tasks.read_roster", upload.pk)
    else:
        upload_work.read_now(upload=upload)


def _handed_over() -> dict[str, Any]:
    return {"asked_at": now(), "started_at": None, "rows_read": 0, "is_cancel_asked": False}


def _store(upload: RosterUpload, file: BinaryIO) -> int:
    """Write the file in pieces; its size in bytes."""
    size = 0
    for number, piece in enumerate(iter(lambda: file.read(PIECE), b"")):
        RosterPart.objects.create(
            upload=upload, number=number, content=gzip.compress(piece, compresslevel=1)
        )
        size += len(piece)
    return size


def _locked(upload: RosterUpload) -> RosterUpload:
    rows = RosterUpload.objects.select_for_update(of=("self",))
    held = rows.select_related("cohort", "project").filter(pk=upload.pk).first()
    if held is None:
        raise Conflict(_("This file was imported or dropped a moment ago. Look at the people."))
    held.project = upload.project
    return held
