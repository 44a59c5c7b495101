"""The cohort's page, which owns the loop, and the click that says the cohort has switched."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cohorts.access import get_cohort, get_managed_cohort
from cohorts.queries.cases import cohort_cases
from cohorts.queries.shape import cohort_shape
from cohorts.services.cohorts import switch_cohort
from common.exceptions import DomainError
from common.http import show_refusal
from dashboards.rows import bar_of, progress_of
from projects.models import Project
from rollout.loop import with_gate
from rollout.next_deed import next_deed
from rollout.queries.cohort import cohort_page, mode_states
from rollout.queries.gates import cohort_gate
from rollout.queries.last_move import last_move


@login_required
@require_safe
def cohort_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    cohort = get_cohort(request.user, slug, pk)
    return _page(request, cohort.project, pk, status=200)


@login_required
@require_POST
def cohort_switch(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The manager says that the cohort's people are in their new mode."""
    cohort = get_managed_cohort(request.user, slug, pk)
    try:
        switch_cohort(cohort=cohort, at=timezone.now(), acting_user=request.user)
    except DomainError as error:
        return _page(request, cohort.project, pk, status=show_refusal(request, error))
    messages.success(request, _("%(cohort)s is switched.") % {"cohort": cohort.name})
    return redirect("rollout:cohort_detail", slug, pk)


def _page(request: HttpRequest, project: Project, pk: int, *, status: int) -> HttpResponse:
    cohort = get_cohort(request.user, project.slug, pk)
    at = timezone.now()
    page = cohort_page(cohort.project, cohort, at)
    gate = cohort_gate(cohort, at)
    context = {
        "project": cohort.project,
        "cohort": cohort,
        "page": page,
        "bar": bar_of(page.figures.counts),
        "loop": with_gate(page.stages, gate),
        "progress": progress_of(page.figures.counts),
        "mode_states": mode_states(page.figures.counts),
        "gate": gate,
        "deed": next_deed(page.now(gate)) if cohort.project.is_managed else None,
        "shape": cohort_shape(cohort, page.figures.counts.people),
        "last_move": last_move(cohort),
        "cases": cohort_cases(cohort),
        "nav": "cohorts:cohort_list",
    }
    return render(request, "rollout/cohort_detail.html", context, status=status)
