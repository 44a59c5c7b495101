"""A person's page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cohorts import access
from cohorts.queries.modes import history_of
from cohorts.queries.person import facts_of, memberships_of


@login_required
@require_safe
def people_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    participant = access.get_participant(request.user, slug, pk)
    context = {
        "project": participant.project,
        "person": participant,
        "memberships": memberships_of(participant),
        "facts": facts_of(participant),
        "history": history_of(participant),
    }
    return render(request, "cohorts/people_detail.html", context)
