"""Stakeholders: who carries the project, with which roles and which access."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import get_own_account
from common.exceptions import DomainError
from common.http import show_refusal
from projects import access
from projects.fingerprint import fingerprint
from projects.forms import StakeholderForm
from projects.models import Project, Stakeholder
from projects.queries.people import stakeholder_rows
from projects.services import stakeholders as service
from projects.views.saving import compare_after, save


@login_required
@require_GET
def stakeholder_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = access.get_project(request.user, slug)
    context = {"project": project, "people": stakeholder_rows(project)}
    return render(request, "projects/stakeholder_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def stakeholder_add(request: HttpRequest, slug: str) -> HttpResponse:
    project = access.get_managed_project(request.user, slug)
    form = StakeholderForm(request.POST or None, project=project)
    status = 200
    if request.method == "POST":
        status = save(request, form, _add, project=project)
        if status == 200:
            messages.success(request, _("Stakeholder added."))
            return redirect("projects:stakeholder_list", slug)
    return _page(request, project, None, form, status)


def _add(*, seen: str, **given: Any) -> Stakeholder:
    return service.add_stakeholder(**given)


@login_required
@require_http_methods(["GET", "POST"])
def stakeholder_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = access.get_managed_project(request.user, slug)
    person = access.get_stakeholder(project, pk)
    status = 200
    if request.method == "POST":
        form = StakeholderForm(request.POST, project=project, stakeholder=person)
        status = save(request, form, service.update_stakeholder, stakeholder=person)
        if status == 200:
            messages.success(request, _("Saved."))
            return redirect("projects:stakeholder_list", slug)
        person = access.get_stakeholder(project, pk)
        compare_after(status, form, person, service.EDIT_FIELDS)
    else:
        form = StakeholderForm(initial=_shown(person), project=project, stakeholder=person)
    return _page(request, project, person, form, status)


def _page(
    request: HttpRequest,
    project: Project,
    person: Stakeholder | None,
    form: StakeholderForm,
    status: int,
) -> HttpResponse:
    context = {"project": project, "person": person, "form": form}
    return render(request, "projects/stakeholder_edit.html", context, status=status)


def _shown(person: Stakeholder) -> dict[str, Any]:
    values = {name: getattr(person, name) for name in service.EDIT_FIELDS}
    return {**values, "seen": fingerprint(person, service.EDIT_FIELDS)}


@login_required
@require_POST
def stakeholder_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = access.get_managed_project(request.user, slug)
    person = access.get_stakeholder(project, pk)
    try:
        service.remove_stakeholder(stakeholder=person, acting_user=get_own_account(request.user))
    except DomainError as error:
        status = show_refusal(request, error)
        form = StakeholderForm(initial=_shown(person), project=project, stakeholder=person)
        return _page(request, project, person, form, status)
    messages.success(request, _("Removed. The account itself stays."))
    if person.user_id == request.user.pk and not request.user.is_superuser:
        return redirect("/")
    return redirect("projects:stakeholder_list", slug)
