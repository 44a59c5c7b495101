"""Importing people in the browser: choose a file, look at what it would do, confirm."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_own_account
from cohorts import access
from cohorts.exceptions import RosterChanged
from cohorts.forms.imports import ImportForm
from cohorts.models import RosterUpload
from cohorts.queries.uploads import rejected_header, rejected_rows, report_of
from cohorts.roster.sample import SAMPLE_HEADER, sample_rows
from cohorts.services import uploads as service
from common.exceptions import DomainError
from common.export import csv_response
from common.http import show_refusal
from projects.access import get_managed_project, get_project
from projects.models import Project

ROWS_SHOWN = 100


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def people_import(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_managed_project(request.user, slug)
    if request.method != "POST":
        form = ImportForm(project=project, initial={"cohort": request.GET.get("cohort", "")})
        return _form(request, project, form)
    form = ImportForm(request.POST, request.FILES, project=project)
    if not form.is_valid():
        return _form(request, project, form, status=422)
    file = form.cleaned_data["file"]
    try:
        upload = service.keep_upload(
            project=project,
            file=file,
            file_name=file.name,
            cohort=form.chosen(),
            is_strict=form.cleaned_data["is_strict"],
            acting_user=get_own_account(request.user),
        )
    except DomainError as error:
        # A broken file is a fault of this field, so the sentence stands beside it.
        form.add_error("file", str(error))
        return _form(request, project, form, status=int(error.status))
    return redirect("cohorts:people_preview", slug, upload.public_id)


def _form(
    request: HttpRequest, project: Project, form: ImportForm, status: int = 200
) -> HttpResponse:
    context = {"project": project, "form": form}
    return render(request, "cohorts/people_import.html", context, status=status)


@login_required
@require_safe
def people_preview(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    return _preview(request, access.get_upload(request.user, slug, public_id))


def _preview(request: HttpRequest, upload: RosterUpload, status: int = 200) -> HttpResponse:
    report = report_of(upload)
    context = {
        "project": upload.project,
        "upload": upload,
        "report": report,
        "rejected": report.rejected[:ROWS_SHOWN],
        "warnings": report.warnings[:ROWS_SHOWN],
        "is_refused": upload.is_strict and bool(report.rejected),
        "writes": report.created + report.updated,
    }
    return render(request, "cohorts/people_preview.html", context, status=status)


@login_required
@require_POST
def people_confirm(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    upload = access.get_upload(request.user, slug, public_id)
    acting_user = get_own_account(request.user)
    try:
        report = service.confirm_upload(upload=upload, acting_user=acting_user)
    except RosterChanged as error:
        upload = service.renew_preview(upload=upload, acting_user=acting_user)
        return _preview(request, upload, status=show_refusal(request, error))
    except DomainError as error:
        return _preview(request, upload, status=show_refusal(request, error))
    sentence = _(
        "Imported: %(created)s new, %(updated)s changed, %(unchanged)s as before,"
        " %(rejected)s rejected."
    )
    figures = {"created": report.created, "updated": report.updated}
    figures |= {"unchanged": report.unchanged, "rejected": len(report.rejected)}
    messages.success(request, sentence % figures)
    return redirect("cohorts:people_list", slug)


@login_required
@require_POST
def people_drop(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    upload = access.get_upload(request.user, slug, public_id)
    service.drop_upload(upload=upload, acting_user=get_own_account(request.user))
    messages.info(request, _("The file was dropped. Nothing was imported."))
    return redirect("cohorts:people_import", slug)


@login_required
@require_safe
def people_rejected(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """The rejected rows with their reasons, to be corrected and imported again."""
    upload = access.get_upload(request.user, slug, public_id)
    return csv_response("rejected.csv", rejected_header(upload), rejected_rows(upload))


@login_required
@require_safe
def people_sample(request: HttpRequest, slug: str) -> HttpResponseBase:
    get_project(request.user, slug)
    return csv_response("people-sample.csv", SAMPLE_HEADER, sample_rows())
