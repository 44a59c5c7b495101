"""Freezing the people of a cohort, and who came and went since."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_own_account
from cohorts import access
from cohorts.models import Cohort
from cohorts.planning import PlacementChoice
from cohorts.queries.shape import SHOWN, came_since, went_since
from cohorts.services.editing import freeze_cohort, unfreeze_cohort
from cohorts.services.placement import apply_placement, plan_drift
from common.exceptions import DomainError
from common.http import show_refusal


@login_required
@require_POST
def cohort_freeze(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Freezes, or with ``thaw`` lets rules fill the cohort again."""
    cohort = access.get_managed_cohort(request.user, slug, pk)
    service = unfreeze_cohort if "thaw" in request.POST else freeze_cohort
    try:
        service(cohort=cohort, acting_user=get_own_account(request.user))
    except DomainError as error:
        return _drift(request, cohort, status=show_refusal(request, error))
    messages.success(request, _("“%(name)s” is saved.") % {"name": cohort.name})
    return redirect("rollout:cohort_detail", slug, pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_drift(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Who came and went since the freeze; the POST takes in whom rules would put here now."""
    if request.method != "POST":
        return _drift(request, access.get_cohort(request.user, slug, pk))
    cohort = access.get_managed_cohort(request.user, slug, pk)
    try:
        placed = apply_placement(
            project=cohort.project,
            choice=PlacementChoice(taking_in=cohort.pk),
            expected=request.POST.get("digest", ""),
            acting_user=get_own_account(request.user),
        )
    except DomainError as error:
        return _drift(request, cohort, status=show_refusal(request, error))
    people = placed.joined + placed.moved
    sentence = ngettext(
        "%(n)s person is now in “%(name)s”.", "%(n)s people are now in “%(name)s”.", people
    )
    messages.success(request, sentence % {"n": people, "name": cohort.name})
    return redirect("cohorts:cohort_drift", slug, pk)


def _drift(request: HttpRequest, cohort: Cohort, status: int = 200) -> HttpResponse:
    frozen = cohort.frozen_at is not None
    context = {
        "project": cohort.project,
        "cohort": cohort,
        "drift": plan_drift(cohort=cohort) if frozen else None,
        "came": came_since(cohort).order_by("-joined_at", "pk")[:SHOWN] if frozen else (),
        "went": went_since(cohort).order_by("-left_at", "pk")[:SHOWN] if frozen else (),
        "came_all": came_since(cohort).count() if frozen else 0,
        "went_all": went_since(cohort).count() if frozen else 0,
        "nav": "cohorts:cohort_list",
    }
    return render(request, "cohorts/cohort_drift.html", context, status=status)
