"""A roster from the browser: kept with its preview, then confirmed or dropped.

A browser cannot send the same file twice without asking for it again, so the bytes wait in the
database. They are personal data: gone after the decision, or after a day.
"""

import gzip
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from cohorts.models import Cohort, RosterUpload
from cohorts.queries.uploads import content_of, report_of
from cohorts.roster.report import ImportReport, RosterRefused
from cohorts.services.roster import import_people
from common.exceptions import Conflict
from projects.models import Project

if TYPE_CHECKING:
    from accounts.models import User

KEPT_FOR = timedelta(days=1)


@transaction.atomic
def keep_upload(
    *,
    project: Project,
    file: BinaryIO,
    file_name: str,
    cohort: Cohort | None,
    is_strict: bool,
    acting_user: "User",
) -> RosterUpload:
    """Keep ``file`` with what importing it would do. Raises RosterError and CohortError."""
    RosterUpload.objects.filter(created_at__lt=now() - KEPT_FOR).delete()
    report = _preview(project, file, cohort, is_strict=is_strict, acting_user=acting_user)
    file.seek(0)
    return RosterUpload.objects.create(
        project=project,
        cohort=cohort,
        uploaded_by=acting_user,
        file_name=file_name[:255],
        content=gzip.compress(file.read(), compresslevel=1),
        is_strict=is_strict,
        report=report.as_stored(),
    )


@transaction.atomic
def confirm_upload(*, upload: RosterUpload, acting_user: "User") -> ImportReport:
    """Import what was kept, exactly as previewed, and drop it.

    Raises RosterChanged when the people have changed since; Conflict when somebody was faster.
    """
    held = _locked(upload)
    report = import_people(
        project=upload.project,
        stream=content_of(held),
        cohort=held.cohort,
        is_strict=held.is_strict,
        is_dry_run=False,
        acting_user=acting_user,
        expected=report_of(held).digest,
    )
    held.delete()
    return report


@transaction.atomic
def renew_preview(*, upload: RosterUpload, acting_user: "User") -> RosterUpload:
    """Compare the kept file with the people as they are now."""
    held = _locked(upload)
    report = _preview(
        upload.project,
        content_of(held),
        held.cohort,
        is_strict=held.is_strict,
        acting_user=acting_user,
    )
    held.report = report.as_stored()
    held.save(update_fields=["report"])
    return held


@transaction.atomic
def drop_upload(*, upload: RosterUpload, acting_user: "User") -> None:
    """Forget a kept file. Nothing was written, so nothing is recorded."""
    RosterUpload.objects.filter(pk=upload.pk).delete()


def _preview(
    project: Project,
    stream: BinaryIO,
    cohort: Cohort | None,
    *,
    is_strict: bool,
    acting_user: "User",
) -> ImportReport:
    try:
        return import_people(
            project=project,
            stream=stream,
            cohort=cohort,
            is_strict=is_strict,
            is_dry_run=True,
            acting_user=acting_user,
        )
    except RosterRefused as refusal:
        return refusal.report


def _locked(upload: RosterUpload) -> RosterUpload:
    rows = RosterUpload.objects.select_for_update(of=("self",)).select_related("cohort")
    held = rows.filter(pk=upload.pk).first()
    if held is None:
        raise Conflict(_("This file was imported or dropped a moment ago. Look at the people."))
    return held
