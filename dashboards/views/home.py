"""/ is where everybody lands: my projects, and what in them waits for me."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.queries.projects import approvals_of, projects_of, steps_of


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    today, at = timezone.localdate(), timezone.now()
    context = {
        "today": today,
        "projects": projects_of(request.user, today),
        "steps": steps_of(request.user, today),
        "approvals": approvals_of(request.user, at),
    }
    return render(request, "dashboards/home.html", context)
