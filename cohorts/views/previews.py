"""The page of an uploaded roster: being read, to be confirmed, being imported, or done."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from cohorts import access
from cohorts.enums import UploadStatus
from cohorts.forms.imports import ConfirmForm, RejectedPageForm
from cohorts.models import RosterUpload
from cohorts.queries.uploads import (
    WORKING,
    has_file,
    is_abandoned,
    rejected_header,
    rejected_page,
    rejected_rows,
    report_of,
    samples_by_outcome,
    warnings_by_reason,
)
from common.export import table_response

PAGES: dict[str, str] = {
    UploadStatus.PREVIEWED: "cohorts/people_preview.html",
    UploadStatus.DONE: "cohorts/people_imported.html",
}


def show_preview(
    request: HttpRequest, upload: RosterUpload, form: ConfirmForm | None = None, status: int = 200
) -> HttpResponse:
    """The page for the state the upload is in; ``form`` is a confirmation that was refused."""
    if upload.status == UploadStatus.COLUMNS:
        return redirect("cohorts:people_columns", upload.project.slug, upload.public_id)
    context: dict[str, object] = {"project": upload.project, "upload": upload}
    if upload.status in PAGES:
        context |= _report_context(request, upload, form or ConfirmForm())
    else:
        context["is_working"] = upload.status in WORKING and not is_abandoned(upload)
    page = PAGES.get(upload.status, "cohorts/people_reading.html")
    return render(request, page, context, status=status)


def _report_context(
    request: HttpRequest, upload: RosterUpload, form: ConfirmForm
) -> dict[str, object]:
    report = report_of(upload)
    page = RejectedPageForm(request.GET)
    number = (page.cleaned_data["page"] if page.is_valid() else None) or 1
    return {
        "report": report,
        "form": form,
        "rejected": rejected_page(report, number),
        "warnings": warnings_by_reason(report),
        "groups": samples_by_outcome(report),
        "is_refused": upload.is_strict and bool(report.rejected),
        "has_file": has_file(upload),
    }


@login_required
@require_safe
def people_rejected(
    request: HttpRequest, slug: str, public_id: UUID, kind: str = "csv"
) -> HttpResponseBase:
    """The rejected rows with their reasons, to be corrected and imported again."""
    upload = access.get_upload(request.user, slug, public_id)
    if not upload.report or not has_file(upload):
        raise Http404
    return table_response("rejected", kind, rejected_header(upload), rejected_rows(upload))
