"""Modes in the browser: the last report and its drift, reading a new one, scripts for a cohort."""

import zipfile
from tempfile import TemporaryFile
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_own_account
from cohorts import access
from cohorts.forms.choices import PageForm
from cohorts.forms.modes import DriftForm, MethodForm, ModesForm, RequeueForm
from cohorts.models import Cohort
from cohorts.modes.plan import ModePlan
from cohorts.modes.reading import MEETINGS
from cohorts.modes.report import VerificationReport
from cohorts.queries.gates import gate_note
from cohorts.queries.modes import (
    Drift,
    drift_page,
    last_report,
    not_run_yet,
    script_preview,
    states_by_cohort,
)
from cohorts.services.scripts import confirm_run, export_scripts
from cohorts.services.verification import requeue_people, verify_modes
from common.exceptions import DomainError
from common.http import show_refusal
from projects.access import get_managed_project, get_project
from projects.models import Project

NAV = "cohorts:people_list"


@login_required
@require_safe
def modes_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_project(request.user, slug)
    form, pages = DriftForm(request.GET, project=project), PageForm(request.GET)
    if not (form.is_valid() and pages.is_valid()):
        return _list(request, project, status=422)
    return _list(request, project, form, pages.cleaned_data)


def _list(
    request: HttpRequest,
    project: Project,
    form: DriftForm | None = None,
    pages: dict[str, int | None] | None = None,
    status: int = 200,
) -> HttpResponse:
    if form is None:
        form = DriftForm({}, project=project)
        form.is_valid()
    page = drift_page(project, form.chosen(), **(pages or {}))
    address = reverse("cohorts:modes_list", args=[project.slug])
    plan = ModePlan.of(project.playbook_snapshot)
    titles = {mode.key: mode.title for mode in plan.modes}
    context: dict[str, Any] = {
        "project": project,
        "form": form,
        "page": page,
        "rows": [Drift.of(row, titles) for row in page.rows],
        "report": last_report(project),
        "cohorts": states_by_cohort(project),
        "query": form.query(),
        "clear_url": address if form.query() else "",
        "previous_url": f"{address}?{form.query(before=page.before)}" if page.before else "",
        "next_url": f"{address}?{form.query(after=page.after)}" if page.after else "",
        "nav": NAV,
    }
    return render(request, "cohorts/modes_list.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def modes_verify(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_managed_project(request.user, slug)
    if request.method != "POST":
        return _verify(request, project, ModesForm())
    form = ModesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _verify(request, project, form, status=422)
    try:
        report = verify_modes(
            project=project,
            stream=form.cleaned_data["file"],
            acting_user=get_own_account(request.user),
            at=now(),
        )
    except DomainError as error:
        form.add_error("file", str(error))
        return _verify(request, project, form, status=int(error.status))
    messages.success(request, _said(report))
    return redirect("cohorts:modes_list", slug)


def _said(report: VerificationReport) -> str:
    words = {**report.as_json(), "failed": report.failed}
    if report.kind == MEETINGS:
        sentence = _(
            "Read: meetings converted for %(verified)s, failed for %(failed)s, on their way for"
            " %(pending)s, %(unknown)s unknown."
        )
        return sentence % words
    sentence = _(
        "Read: %(verified)s verified, %(drift)s drift, %(pending)s pending, %(unknown)s unknown."
    )
    if report.failed:
        sentence += " " + _("%(failed)s refused.")
    return sentence % words


def _verify(
    request: HttpRequest, project: Project, form: ModesForm, status: int = 200
) -> HttpResponse:
    observation = ModePlan.of(project.playbook_snapshot).observation
    context = {"project": project, "form": form, "observation": observation, "nav": NAV}
    return render(request, "cohorts/modes_verify.html", context, status=status)


@login_required
@require_POST
def modes_requeue(request: HttpRequest, slug: str) -> HttpResponse:
    """The ticked people of the list of drift go into the next script of their cohort."""
    project = get_managed_project(request.user, slug)
    form = RequeueForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Tick at least one person."))
        return _list(request, project, status=422)
    picked = access.picked_participants(project, form.cleaned_data["people"])
    try:
        people = requeue_people(
            project=project, participants=picked, acting_user=get_own_account(request.user)
        )
    except DomainError as error:
        status = show_refusal(request, error)
        return _list(request, project, status=status)
    sentence = ngettext(
        "%(n)s person goes into the next script.", "%(n)s people go into the next script.", people
    )
    messages.success(request, sentence % {"n": people})
    return redirect("cohorts:modes_list", slug)


@login_required
@require_safe
def modes_scripts(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _scripts(request, access.get_managed_cohort(request.user, slug, pk))


def _scripts(request: HttpRequest, cohort: Cohort, status: int = 200) -> HttpResponse:
    plan = ModePlan.of(cohort.project.playbook_snapshot)
    context = {
        "project": cohort.project,
        "cohort": cohort,
        "form": MethodForm(plan=plan),
        "methods": plan.mode_methods,
        "to_mode": plan.title(cohort.to_mode),
        "preview": script_preview(cohort, now()),
        "not_run": not_run_yet(cohort).count(),
        "gate_note": gate_note(cohort, now()),
        "nav": "cohorts:cohort_list",
    }
    return render(request, "cohorts/modes_scripts.html", context, status=status)


@login_required
@require_POST
def modes_download(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The scripts as one zip. Built in a file, for it may hold a hundred thousand people."""
    cohort = access.get_managed_cohort(request.user, slug, pk)
    form = MethodForm(request.POST, plan=ModePlan.of(cohort.project.playbook_snapshot))
    if not form.is_valid():
        messages.error(request, _("Choose how the modes are changed."))
        return _scripts(request, cohort, status=422)
    # Closed by the response once it is sent.
    file = TemporaryFile()  # noqa: SIM115
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            export_scripts(
                cohort=cohort,
                method=form.cleaned_data["method"],
                sink=archive.writestr,
                acting_user=get_own_account(request.user),
                at=now(),
            )
    except DomainError as error:
        file.close()
        return _scripts(request, cohort, status=show_refusal(request, error))
    file.seek(0)
    name = _("scripts-%(slug)s-%(pk)s.zip") % {"slug": slug, "pk": cohort.pk}
    response = FileResponse(file, as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def modes_ran(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A manager says that the scripts have run."""
    cohort = access.get_managed_cohort(request.user, slug, pk)
    try:
        people = confirm_run(cohort=cohort, acting_user=get_own_account(request.user), at=now())
    except DomainError as error:
        return _scripts(request, cohort, status=show_refusal(request, error))
    sentence = ngettext("%(n)s person is granted.", "%(n)s people are granted.", people)
    messages.success(request, sentence % {"n": people})
    return redirect("rollout:cohort_detail", slug, pk)
