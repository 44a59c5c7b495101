"""The list of cohorts, renaming one, finishing one. A cohort's own page is rollout's."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_own_account
from cohorts import access
from cohorts.forms.cohorts import CohortNameForm
from cohorts.models import Cohort
from cohorts.queries.cohorts import cohort_rows, people_without_cohort
from cohorts.services import cohorts as service
from common.dates import local_day
from common.exceptions import DomainError
from common.http import show_refusal
from projects.access import get_project
from projects.fingerprint import fingerprint
from projects.models import Project


@login_required
@require_safe
def cohort_list(request: HttpRequest, slug: str) -> HttpResponse:
    return _list(request, get_project(request.user, slug))


def _list(request: HttpRequest, project: Project, status: int = 200) -> HttpResponse:
    context = {
        "project": project,
        "rows": cohort_rows(project),
        "without": people_without_cohort(project),
        "today": local_day(now(), project.timezone),
    }
    return render(request, "cohorts/cohort_list.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    cohort = access.get_managed_cohort(request.user, slug, pk)
    seen = fingerprint(cohort, service.EDIT_FIELDS)
    if request.method != "POST":
        form = CohortNameForm(initial={"name": cohort.name, "seen": seen})
        return _edit(request, cohort, form)
    form = CohortNameForm(request.POST)
    if not form.is_valid():
        return _edit(request, cohort, form, status=422)
    try:
        service.update_cohort(
            cohort=cohort, acting_user=get_own_account(request.user), **form.cleaned_data
        )
    except DomainError as error:
        status = show_refusal(request, error)
        typed = CohortNameForm(initial={"name": form.cleaned_data["name"], "seen": seen})
        return _edit(request, cohort, typed, status=status)
    messages.success(request, _("The cohort is now called “%(name)s”.") % {"name": cohort.name})
    return redirect("cohorts:cohort_list", slug)


def _edit(
    request: HttpRequest, cohort: Cohort, form: CohortNameForm, status: int = 200
) -> HttpResponse:
    context = {"project": cohort.project, "cohort": cohort, "form": form}
    return render(request, "cohorts/cohort_edit.html", context, status=status)


@login_required
@require_POST
def cohort_finish(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    cohort = access.get_managed_cohort(request.user, slug, pk)
    try:
        service.finish_cohort(cohort=cohort, acting_user=get_own_account(request.user))
    except DomainError as error:
        return _list(request, cohort.project, status=show_refusal(request, error))
    messages.success(request, _("“%(name)s” is finished.") % {"name": cohort.name})
    return redirect("cohorts:cohort_list", slug)
