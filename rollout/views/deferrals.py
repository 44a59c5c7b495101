"""Deciding about a request for a later date; entering one for somebody; taking one back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_own_account
from accounts.models import User
from cohorts.access import get_managed_deferral, get_managed_participant
from cohorts.models import Deferral, Participant
from cohorts.queries.deferrals import membership_ahead, return_cohorts
from cohorts.services.deferrals import refuse_deferral, withdraw_deferral
from common.exceptions import DomainError
from common.http import show_refusal
from rollout.forms.deferrals import REFUSE, DecisionForm, EnterForm
from rollout.services.moves import approve_deferral, enter_deferral


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deferral_decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    deferral = get_managed_deferral(request.user, slug, pk)
    cohorts = return_cohorts(deferral.from_cohort, now())
    wish = {"decision": "approve", "to_cohort": deferral.to_cohort_id, "until": deferral.until}
    form = DecisionForm(request.POST or None, initial=wish, cohorts=cohorts)
    if request.method != "POST" or not form.is_valid():
        return _page(request, deferral, form, 422 if request.method == "POST" else 200)
    try:
        _decide(deferral, form, get_own_account(request.user))
    except DomainError as error:
        form.add_error(None, str(error))
        deferral = get_managed_deferral(request.user, slug, pk)
        return _page(request, deferral, form, int(error.status))
    messages.success(request, _("Decided. The person sees the answer on their own page."))
    return redirect("cohorts:deferral_list", slug)


def _decide(deferral: Deferral, form: DecisionForm, acting_user: User) -> None:
    at = now()
    if form.cleaned_data["decision"] == REFUSE:
        refuse_deferral(
            deferral=deferral, note=form.cleaned_data["note"], acting_user=acting_user, at=at
        )
    else:
        approve_deferral(deferral=deferral, acting_user=acting_user, at=at, **form.approval())


def _page(
    request: HttpRequest, deferral: Deferral, form: DecisionForm, status: int
) -> HttpResponse:
    context = {
        "project": deferral.from_cohort.project,
        "deferral": deferral,
        "form": form,
        "nav": "cohorts:deferral_list",
    }
    return render(request, "rollout/deferral_decide.html", context, status=status)


@login_required
@require_POST
def deferral_withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Somebody told a manager that they do not need it any more."""
    deferral = get_managed_deferral(request.user, slug, pk)
    try:
        withdraw_deferral(deferral=deferral, acting_user=get_own_account(request.user), at=now())
    except DomainError as error:
        status = show_refusal(request, error)
        form = DecisionForm(cohorts=return_cohorts(deferral.from_cohort, now()))
        return _page(request, get_managed_deferral(request.user, slug, pk), form, status)
    messages.success(request, _("The request is withdrawn."))
    return redirect("cohorts:deferral_list", slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deferral_add(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A manager enters a deferral for somebody, and approves it at once."""
    person = get_managed_participant(request.user, slug, pk)
    ahead = membership_ahead(person)
    cohorts = return_cohorts(ahead.cohort, now()) if ahead else []
    form = EnterForm(request.POST or None, cohorts=cohorts)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _enter(person, form, get_own_account(request.user))
            except DomainError as error:
                form.add_error(None, str(error))
                status = int(error.status)
            else:
                messages.success(request, _("Deferred."))
                return redirect("rollout:person_detail", slug, pk)
    context = {
        "project": person.project,
        "person": person,
        "ahead": ahead,
        "form": form,
        "nav": "cohorts:people_list",
    }
    return render(request, "rollout/deferral_add.html", context, status=status)


def _enter(person: Participant, form: EnterForm, acting_user: User) -> None:
    enter_deferral(
        participant=person,
        reason=form.cleaned_data["reason"],
        acting_user=acting_user,
        at=now(),
        **form.approval(),
    )
