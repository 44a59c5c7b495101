"""Setting up the go/no-go of a cohort that has none, such as one from before there were any."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import get_own_account
from cohorts.access import get_managed_cohort
from common.exceptions import DomainError
from common.http import show_refusal
from rollout.services.gates import create_cohort_gate


@login_required
@require_POST
def cohort_gate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    cohort = get_managed_cohort(request.user, slug, pk)
    try:
        gate = create_cohort_gate(cohort=cohort, acting_user=get_own_account(request.user))
    except DomainError as error:
        show_refusal(request, error)
        return redirect("rollout:cohort_detail", slug, pk)
    messages.success(request, _("Go/no-go is set up. Nobody switches before somebody says go."))
    return redirect("projects:gate_detail", slug, gate.key)
