"""A project's first page and its timeline, read-only."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.charts.timeline import draw
from dashboards.charts.translated import translated_words
from dashboards.queries.attention import attention, next_step
from dashboards.queries.cohorts import cohort_figures
from dashboards.queries.plan import phase_figures
from dashboards.queries.situation import project_state, today_in
from dashboards.queries.timeline import project_timeline
from dashboards.rows import cohort_rows
from projects.access import get_project


@login_required
@require_safe
def project_home(request: HttpRequest, slug: str) -> HttpResponse:
    """What needs somebody, the picture, and where everything stands."""
    project = get_project(request.user, slug)
    state = project_state(project, timezone.now())
    picture = project_timeline(project, state.phases, state.cohorts, today=state.today, full=False)
    items = attention(state.situation)
    context = {
        "project": project,
        "state": state,
        "items": items,
        "next_step": next_step(state.situation, items, is_manager=project.is_managed),
        "timeline": draw(picture, translated_words()),
        "cohort_rows": cohort_rows(state.cohorts),
    }
    return render(request, "dashboards/project_home.html", context)


@login_required
@require_safe
def timeline(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole plan: every step with a bar and a row of its own."""
    project = get_project(request.user, slug)
    picture = project_timeline(
        project,
        phase_figures(project),
        cohort_figures(project),
        today=today_in(project, timezone.now()),
        full=True,
    )
    context = {"project": project, "timeline": draw(picture, translated_words())}
    return render(request, "dashboards/timeline.html", context)
