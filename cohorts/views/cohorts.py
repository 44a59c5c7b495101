"""The list of cohorts, changing one, finishing one. A cohort's own page is rollout's."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_own_account
from cohorts import access
from cohorts.forms.cohorts import CohortSettingsForm, shown
from cohorts.models import Cohort
from cohorts.queries.cohorts import cohort_rows, people_without_cohort
from cohorts.services import cohorts as service
from cohorts.services import editing
from common.dates import local_day
from common.exceptions import DomainError
from common.http import show_refusal
from projects.access import get_project
from projects.exceptions import PlanChanged
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
    seen = fingerprint(cohort, editing.EDIT_FIELDS)
    if request.method != "POST":
        form = CohortSettingsForm(initial={**shown(cohort), "seen": seen}, cohort=cohort)
        return _edit(request, cohort, form)
    form = CohortSettingsForm(request.POST, cohort=cohort)
    if not form.is_valid():
        return _edit(request, cohort, form, status=422)
    try:
        editing.edit_cohort(
            cohort=cohort,
            settings=form.settings(),
            seen=form.cleaned_data["seen"],
            acting_user=get_own_account(request.user),
        )
    except DomainError as error:
        status = show_refusal(request, error)
        # As it is now: the service has written nothing, or somebody else was faster.
        cohort = access.get_managed_cohort(request.user, slug, pk)
        if isinstance(error, PlanChanged):
            form.compare(cohort, fingerprint(cohort, editing.EDIT_FIELDS))
        return _edit(request, cohort, form, status=status)
    messages.success(request, _("“%(name)s” is saved.") % {"name": cohort.name})
    return redirect("rollout:cohort_detail", slug, pk)


def _edit(
    request: HttpRequest, cohort: Cohort, form: CohortSettingsForm, status: int = 200
) -> HttpResponse:
    context = {
        "project": cohort.project,
        "cohort": cohort,
        "form": form,
        "nav": "cohorts:cohort_list",
    }
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
