"""The risk register with its map; adding and changing a risk."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from projects import access
from projects.fingerprint import fingerprint
from projects.forms import RiskForm
from projects.models import Project, Risk
from projects.queries.register import risk_register
from projects.services import risks as service
from projects.views.saving import compare_after, save


@login_required
@require_GET
def risk_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = access.get_project(request.user, slug)
    context = {"project": project, "register": risk_register(project)}
    return render(request, "projects/risk_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def risk_add(request: HttpRequest, slug: str) -> HttpResponse:
    project = access.get_editable_project(request.user, slug)
    form = RiskForm(request.POST or None, project=project)
    status = 200
    if request.method == "POST":
        status = save(request, form, _add, project=project)
        if status == 200:
            messages.success(request, _("Risk added."))
            return redirect("projects:risk_list", slug)
    context = {"project": project, "form": form, "risk": None}
    return render(request, "projects/risk_edit.html", context, status=status)


def _add(*, project: Project, acting_user: Any, seen: str, **content: Any) -> Risk:
    return service.add_risk(
        project=project, content=service.RiskContent(**content), acting_user=acting_user
    )


@login_required
@require_http_methods(["GET", "POST"])
def risk_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = access.get_editable_project(request.user, slug)
    risk = access.get_risk(project, pk)
    status = 200
    if request.method == "POST":
        form = RiskForm(request.POST, project=project, status=risk.status)
        status = save(request, form, _update, risk=risk)
        if status == 200:
            messages.success(request, _("Risk saved."))
            return redirect("projects:risk_list", slug)
        risk = access.get_risk(project, pk)
        compare_after(status, form, risk, service.EDIT_FIELDS)
    else:
        form = RiskForm(initial=_shown(risk), project=project, status=risk.status)
    context = {"project": project, "form": form, "risk": risk}
    return render(request, "projects/risk_edit.html", context, status=status)


def _update(*, risk: Risk, acting_user: Any, seen: str, status: str, **content: Any) -> Risk:
    return service.update_risk(
        risk=risk,
        content=service.RiskContent(**content),
        status=status,
        acting_user=acting_user,
        seen=seen,
    )


def _shown(risk: Risk) -> dict[str, Any]:
    names = ("title", "likelihood", "impact", "mitigation", "status")
    values = {name: getattr(risk, name) for name in names}
    seen = fingerprint(risk, service.EDIT_FIELDS)
    return {**values, "owner": risk.owner_id, "seen": seen}
