"""A new date for a cohort: say it, see all that changes, do it; and take the last move back."""

from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_own_account
from cohorts.access import get_managed_cohort
from cohorts.models import Cohort
from common.exceptions import DomainError
from common.http import show_refusal
from communications.exceptions import ContentRefused
from communications.services.pipeline.clock import database_now
from rollout.forms.reschedule import CorrectionForm, RescheduleForm
from rollout.queries.last_move import last_move
from rollout.queries.reschedule import plan_reschedule
from rollout.reschedule import ReschedulePlan
from rollout.services.reschedule import apply_reschedule
from rollout.services.reschedule_undo import undo_reschedule


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_reschedule(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """POST without a digest shows what would change; with the digest shown it does that."""
    cohort = get_managed_cohort(request.user, slug, pk)
    form = RescheduleForm(request.POST or None, cohort=cohort)
    if request.method != "POST" or not form.is_valid():
        return _page(request, cohort, form, status=422 if request.method == "POST" else 200)
    correction = None
    if "subject" in request.POST:
        correction = CorrectionForm(request.POST)
        if not correction.is_valid():
            return _planned(request, cohort, form, correction, status=422)
    if not request.POST.get("digest"):
        return _planned(request, cohort, form, correction, status=200)
    try:
        done = apply_reschedule(
            cohort=cohort,
            new=form.dates(),
            acting_user=get_own_account(request.user),
            seen_digest=request.POST["digest"],
            text=correction.text() if correction else None,
        )
    except ContentRefused as error:
        if correction is not None:
            correction.add_error("body", str(error))
        return _planned(request, cohort, form, correction, status=int(error.status))
    except DomainError as error:
        status = show_refusal(request, error)
        return _planned(request, cohort, form, correction, status=status)
    messages.success(request, _done_words(done.plan))
    return redirect("rollout:cohort_detail", slug, pk)


@login_required
@require_POST
def cohort_reschedule_undo(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    cohort = get_managed_cohort(request.user, slug, pk)
    try:
        undo_reschedule(cohort=cohort, acting_user=get_own_account(request.user))
    except DomainError as error:
        status = show_refusal(request, error)
        cohort = get_managed_cohort(request.user, slug, pk)
        return _page(request, cohort, RescheduleForm(cohort=cohort), status=status)
    messages.success(request, _("The former date holds again. Nobody was told anything."))
    return redirect("rollout:cohort_detail", slug, pk)


def _planned(
    request: HttpRequest,
    cohort: Cohort,
    form: RescheduleForm,
    correction: CorrectionForm | None,
    *,
    status: int,
) -> HttpResponse:
    """The page with what would change now; a date that cannot be is said beside the form."""
    cohort = get_managed_cohort(request.user, cohort.project.slug, cohort.pk)
    try:
        plan = plan_reschedule(cohort=cohort, new=form.dates(), at=database_now())
    except DomainError as error:
        form.add_error(None, str(error))
        return _page(request, cohort, form, status=max(status, int(error.status)))
    correction = correction or CorrectionForm(initial=asdict(plan.text))
    return _page(request, cohort, form, status=status, plan=plan, correction=correction)


def _page(
    request: HttpRequest,
    cohort: Cohort,
    form: RescheduleForm,
    *,
    status: int,
    plan: ReschedulePlan | None = None,
    correction: CorrectionForm | None = None,
) -> HttpResponse:
    context = {
        "project": cohort.project,
        "cohort": cohort,
        "form": form,
        "plan": plan,
        "correction": correction,
        "last_move": last_move(cohort),
        "nav": "cohorts:cohort_list",
    }
    return render(request, "rollout/reschedule.html", context, status=status)


def _done_words(plan: ReschedulePlan) -> str:
    words = {"cohort": plan.cohort_name, "day": date_format(plan.new.switch_on)}
    if not plan.told:
        return _("%(cohort)s switches on %(day)s now.") % words
    return _("%(cohort)s switches on %(day)s now. The correction is on its way.") % words
