"""Goals against their targets, and figures typed in by hand."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from projects import access
from projects.forms import MeasurementForm
from projects.metrics import MANUAL
from projects.models import Goal, Project
from projects.queries.goals import goal_rows, measurements_of
from projects.services.goals import record_measurement
from projects.views.saving import save


@login_required
@require_GET
def goal_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = access.get_project(request.user, slug)
    context = {"project": project, "goals": goal_rows(project)}
    return render(request, "projects/goal_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def goal_measure(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """A goal's figures so far; managers write the next one where it is measured by hand."""
    if request.method == "GET":
        project = access.get_project(request.user, slug)
        goal = access.get_goal(project, key)
        return _page(request, project, goal, MeasurementForm())
    project = access.get_managed_project(request.user, slug)
    goal = access.get_goal(project, key)
    form = MeasurementForm(request.POST)
    status = save(request, form, record_measurement, goal=goal)
    if status != 200:
        return _page(request, project, goal, form, status)
    messages.success(request, _("Figure saved."))
    return redirect("projects:goal_list", slug)


def _page(
    request: HttpRequest, project: Project, goal: Goal, form: MeasurementForm, status: int = 200
) -> HttpResponse:
    context = {
        "project": project,
        "goal": goal,
        "form": form if project.is_managed and goal.metric == MANUAL else None,
        "measurements": measurements_of(goal),
    }
    return render(request, "projects/goal_measure.html", context, status=status)
