"""The project itself: scope in words, settings, status, record."""

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
from projects.enums import PROJECT_TRANSITIONS, ProjectStatus
from projects.fingerprint import fingerprint
from projects.forms import ActivityForm, ScopeForm, SettingsForm
from projects.models import Project
from projects.queries.activity import activity_page
from projects.queries.guide import mode_title, playbook_title
from projects.services import projects as service
from projects.views.saving import compare_after, save


@login_required
@require_http_methods(["GET", "POST"])
def scope(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody reads; managers get the form."""
    if request.method == "GET":
        return _scope_page(request, access.get_project(request.user, slug))
    project = access.get_managed_project(request.user, slug)
    form = ScopeForm(request.POST)
    status = save(request, form, service.update_scope, project=project)
    if status == 200:
        messages.success(request, _("Saved."))
        return redirect("projects:scope", slug)
    project = access.get_managed_project(request.user, slug)
    compare_after(status, form, project, service.SCOPE_FIELDS)
    return _scope_page(request, project, form, status)


def _scope_page(
    request: HttpRequest, project: Project, form: ScopeForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "project": project,
        "form": form or ScopeForm(initial=_shown(project, service.SCOPE_FIELDS)),
        "from_mode": mode_title(project, project.from_mode),
        "to_mode": mode_title(project, project.to_mode),
    }
    return render(request, "projects/scope.html", context, status=status)


def _shown(project: Project, fields: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(project, name) for name in fields}
    return {**values, "seen": fingerprint(project, fields)}


@login_required
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody reads; managers get the form."""
    if request.method == "GET":
        return _settings_page(request, access.get_project(request.user, slug))
    project = access.get_managed_project(request.user, slug)
    form = SettingsForm(request.POST)
    status = save(request, form, service.update_settings, project=project)
    if status == 200:
        messages.success(request, _("Settings saved."))
        return redirect("projects:settings", slug)
    project = access.get_managed_project(request.user, slug)
    compare_after(status, form, project, service.SETTINGS_FIELDS)
    return _settings_page(request, project, form, status)


def _settings_page(
    request: HttpRequest, project: Project, form: SettingsForm | None = None, status: int = 200
) -> HttpResponse:
    moves = PROJECT_TRANSITIONS[ProjectStatus(project.status)]
    context = {
        "project": project,
        "form": form or SettingsForm(initial=_shown(project, service.SETTINGS_FIELDS)),
        "playbook_title": playbook_title(project),
        "can_pause": ProjectStatus.PAUSED in moves,
        "can_close": ProjectStatus.CLOSED in moves,
        "can_resume": ProjectStatus.ACTIVE in moves,
    }
    return render(request, "projects/settings.html", context, status=status)


@login_required
@require_POST
def project_status(request: HttpRequest, slug: str) -> HttpResponse:
    """Pause or close; the word comes from the button. Going on makes mail leave, so it has a page
    of its own, which says to whom."""
    project = access.get_managed_project(request.user, slug)
    wanted = request.POST.get("status", "")
    try:
        service.change_project_status(
            project=project,
            status="" if wanted == ProjectStatus.ACTIVE else wanted,
            acting_user=get_own_account(request.user),
        )
    except DomainError as error:
        project = access.get_managed_project(request.user, slug)
        return _settings_page(request, project, status=show_refusal(request, error))
    words = {"status": project.get_status_display()}
    messages.success(request, _("The project is now “%(status)s”.") % words)
    return redirect("projects:settings", slug)


@login_required
@require_GET
def activity(request: HttpRequest, slug: str) -> HttpResponse:
    project = access.get_project(request.user, slug)
    form = ActivityForm(request.GET)
    place = form.cleaned_data if form.is_valid() else {}
    page = activity_page(project, **place)
    context = {
        "project": project,
        "page": page,
        "previous_url": f"?after={page.newer}" if page.newer else "",
        "next_url": f"?before={page.older}" if page.older else "",
    }
    status = 422 if form.errors else 200
    return render(request, "projects/activity.html", context, status=status)
