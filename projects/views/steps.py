"""The steps of a project: the list by phase, one step, and what editors change about it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import get_own_account
from common.dates import local_day
from common.exceptions import DomainError
from common.http import show_refusal
from projects import access
from projects.enums import STEP_TRANSITIONS, StepStatus
from projects.fingerprint import fingerprint
from projects.forms import EvidenceForm, StepFilterForm, StepForm, StepStatusForm
from projects.models import Project, Step
from projects.queries.guide import step_guide
from projects.queries.steps import step_board, step_page
from projects.services import steps as service
from projects.views.saving import compare_after, save


@login_required
@require_GET
def step_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = access.get_project(request.user, slug)
    return _list(request, project)


def _list(request: HttpRequest, project: Project, status: int = 200) -> HttpResponse:
    form = StepFilterForm(request.GET, project=project)
    wanted = form.wanted() if form.is_valid() else None
    today = local_day(now(), project.timezone)
    context = {
        "project": project,
        "form": form,
        "board": step_board(project, today=today, wanted=wanted),
        "today": today,
        "clear_url": request.path if any(request.GET.values()) else "",
    }
    return render(
        request, "projects/step_list.html", context, status=422 if form.errors else status
    )


@login_required
@require_GET
def step_detail(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    project = access.get_project(request.user, slug)
    return _page(request, project, access.get_step(project, key))


def _page(
    request: HttpRequest, project: Project, step: Step, status: int = 200, **forms: Any
) -> HttpResponse:
    today = local_day(now(), project.timezone)
    context = {
        "project": project,
        "step": step,
        "page": step_page(step, today=today),
        "today": today,
        "guide": step_guide(project, step.key),
        "moves": _moves(step),
        "form": StepForm(initial=_shown(step), project=project) if project.is_editable else None,
        "evidence_form": EvidenceForm(),
        **forms,
    }
    return render(request, "projects/step_detail.html", context, status=status)


def _moves(step: Step) -> list[tuple[str, Any]]:
    """Where the step may go from here, as (status, word), in the order of the lifecycle."""
    reachable = STEP_TRANSITIONS[StepStatus(step.status)]
    return [(value, word) for value, word in StepStatus.choices if value in reachable]


def _shown(step: Step) -> dict[str, Any]:
    return {
        "owner": step.owner_id,
        "starts_on": step.starts_on,
        "ends_on": step.ends_on,
        "seen": fingerprint(step, service.EDIT_FIELDS),
    }


@login_required
@require_POST
def step_status(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Move a step. Comes from its page or from a row of the list (``from=list``)."""
    project = access.get_editable_project(request.user, slug)
    step = access.get_step(project, key)
    from_list = request.POST.get("from") == "list"
    form = StepStatusForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the statuses offered."))
        return _moved_page(request, project, key, from_list, status=422)
    try:
        change = service.change_step_status(
            step=step, acting_user=get_own_account(request.user), **form.cleaned_data
        )
    except DomainError as error:
        return _moved_page(request, project, key, from_list, status=show_refusal(request, error))
    words = {"step": step.title, "status": change.step.get_status_display()}
    messages.success(request, _("“%(step)s” is now “%(status)s”.") % words)
    for warning in change.warnings:
        messages.warning(request, warning)
    if from_list:
        return redirect("projects:step_list", slug)
    return redirect("projects:step_detail", slug, key)


def _moved_page(
    request: HttpRequest, project: Project, key: str, from_list: bool, *, status: int
) -> HttpResponse:
    """The page the button was on, with the step as it really stands."""
    if from_list:
        return _list(request, project, status)
    return _page(request, project, access.get_step(project, key), status)


@login_required
@require_http_methods(["GET", "POST"])
def step_edit(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Owner and dates. GET leads to the step's page, which carries the form."""
    project = access.get_editable_project(request.user, slug)
    step = access.get_step(project, key)
    if request.method == "GET":
        return redirect("projects:step_detail", slug, key)
    form = StepForm(request.POST, project=project)
    status = save(request, form, service.update_step, step=step)
    if status != 200:
        step = access.get_step(project, key)
        compare_after(status, form, step, service.EDIT_FIELDS)
        return _page(request, project, step, status, form=form)
    messages.success(request, _("Owner and dates saved."))
    return redirect("projects:step_detail", slug, key)


@login_required
@require_POST
def evidence_add(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    project = access.get_editable_project(request.user, slug)
    step = access.get_step(project, key)
    form = EvidenceForm(request.POST)
    status = save(request, form, service.add_evidence, step=step)
    if status != 200:
        return _page(request, project, step, status, evidence_form=form)
    messages.success(request, _("Evidence added."))
    return redirect("projects:step_detail", slug, key)
