"""Importing people in the browser: choose a file, match its columns, look, confirm, undo."""

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_own_account
from cohorts import access
from cohorts.enums import UploadStatus
from cohorts.exceptions import RosterChanged
from cohorts.forms.imports import ColumnsForm, ConfirmForm, ImportForm
from cohorts.queries.uploads import beginning_of, last_import
from cohorts.roster.sample import SAMPLE_HEADER, sample_rows
from cohorts.services import uploads as service
from cohorts.services.undo_work import ask_undo
from cohorts.views.previews import show_preview
from common.exceptions import DomainError
from common.export import csv_response
from common.http import show_refusal
from projects.access import get_managed_project, get_project
from projects.models import Project

UNDONE = gettext_lazy(
    "Undone: %(removed)s removed, %(kept)s marked as left, %(restored)s set back, %(returned)s"
    " active again."
)


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
            is_whole=form.cleaned_data["is_whole"],
            acting_user=get_own_account(request.user),
        )
    except DomainError as error:
        # A broken file is a fault of this field, so the sentence stands beside it.
        form.add_error("file", str(error))
        return _form(request, project, form, status=int(error.status))
    page = "people_columns" if upload.status == UploadStatus.COLUMNS else "people_preview"
    return redirect(f"cohorts:{page}", slug, upload.public_id)


def _form(
    request: HttpRequest, project: Project, form: ImportForm, status: int = 200
) -> HttpResponse:
    context = {"project": project, "form": form, "last": last_import(project)}
    return render(request, "cohorts/people_import.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def people_columns(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    upload = access.get_upload(request.user, slug, public_id)
    if upload.status == UploadStatus.DONE:
        raise Http404
    header, first = beginning_of(upload)
    given = request.POST if request.method == "POST" else None
    form = ColumnsForm(given, header=header, first=first, chosen=upload.columns)
    status = 200
    if given is not None:
        status = 422
        if form.is_valid():
            try:
                service.choose_columns(
                    upload=upload,
                    columns=form.columns(),
                    acting_user=get_own_account(request.user),
                )
            except DomainError as error:
                form.add_error(None, str(error))
                status = int(error.status)
            else:
                return redirect("cohorts:people_preview", slug, public_id)
    context = {"project": upload.project, "upload": upload, "form": form}
    return render(request, "cohorts/people_columns.html", context, status=status)


@login_required
@require_safe
def people_preview(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    return show_preview(request, access.get_upload(request.user, slug, public_id))


@login_required
@require_POST
def people_confirm(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    upload = access.get_upload(request.user, slug, public_id)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return show_preview(request, upload, form, status=422)
    acting_user = get_own_account(request.user)
    try:
        service.confirm_upload(
            upload=upload,
            acting_user=acting_user,
            leavers_agreed=form.cleaned_data["leavers"],
        )
    except RosterChanged as error:
        upload = service.renew_preview(upload=upload, acting_user=acting_user)
        return show_preview(request, upload, status=show_refusal(request, error))
    except DomainError as error:
        return show_preview(request, upload, form, status=show_refusal(request, error))
    return redirect("cohorts:people_preview", slug, public_id)


@login_required
@require_POST
def people_again(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    """Read the kept file once more, after a worker failed or somebody stopped it."""
    upload = access.get_upload(request.user, slug, public_id)
    try:
        service.renew_preview(upload=upload, acting_user=get_own_account(request.user))
    except DomainError as error:
        return show_preview(request, upload, status=show_refusal(request, error))
    return redirect("cohorts:people_preview", slug, public_id)


@login_required
@require_POST
def people_drop(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    upload = access.get_upload(request.user, slug, public_id)
    try:
        stopping = service.drop_upload(upload=upload, acting_user=get_own_account(request.user))
    except DomainError as error:
        return show_preview(request, upload, status=show_refusal(request, error))
    if stopping is not None:
        return redirect("cohorts:people_preview", slug, public_id)
    messages.info(request, _("The file was dropped. Nothing was imported."))
    return redirect("cohorts:people_import", slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def people_undo(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo the project's last import, after a look at what it did."""
    project = get_managed_project(request.user, slug)
    last = last_import(project)
    status = 200
    if request.method == "POST" and last is not None:
        acting_user = get_own_account(request.user)
        try:
            undone = ask_undo(project=project, made=last.made, acting_user=acting_user)
        except DomainError as error:
            status = show_refusal(request, error)
        else:
            if undone is None:
                return redirect("cohorts:people_undo", slug)
            messages.success(request, UNDONE % asdict(undone))
            return redirect("cohorts:people_import", slug)
    context = {"project": project, "last": last}
    return render(request, "cohorts/people_undo.html", context, status=status)


@login_required
@require_safe
def people_sample(request: HttpRequest, slug: str) -> HttpResponseBase:
    get_project(request.user, slug)
    return csv_response("people-sample.csv", SAMPLE_HEADER, sample_rows())
