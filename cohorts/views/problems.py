"""What stands in people's way: the list, one problem with its solution, taking one down.

And the button that makes a person's old links invalid.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_own_account
from cohorts import access
from cohorts.forms.cases import ProblemFilterForm, ProblemForm, SolutionForm, WeightForm
from cohorts.forms.choices import PageForm
from cohorts.models import Problem
from cohorts.queries.problems import ProblemFilter, problem_page
from cohorts.services.links import revoke_links
from cohorts.services.problems import (
    reopen_problem,
    report_problem,
    set_blocking,
    solve_problem,
)
from common.exceptions import DomainError
from common.http import show_refusal
from projects.access import get_project


@login_required
@require_safe
def problem_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_project(request.user, slug)
    form, pages = ProblemFilterForm(request.GET, project=project), PageForm(request.GET)
    is_valid, address = form.is_valid() and pages.is_valid(), request.path
    wanted = form.wanted() if is_valid else ProblemFilter()
    page = problem_page(project, wanted, after=pages.cleaned_data["after"] if is_valid else None)
    query = form.query() if is_valid else ""
    context = {
        "project": project,
        "form": form,
        "page": page,
        "clear_url": address if query or not is_valid else "",
        "next_url": f"{address}?{form.query(after=page.after)}" if page.after else "",
    }
    return render(request, "cohorts/problem_list.html", context, status=200 if is_valid else 422)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def problem_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One problem; a POST says how it was solved."""
    if request.method != "POST":
        return _detail(request, access.get_problem(request.user, slug, pk), SolutionForm())
    problem = access.get_editable_problem(request.user, slug, pk)
    form = SolutionForm(request.POST)
    if not form.is_valid():
        return _detail(request, problem, form, status=422)
    try:
        solve_problem(
            problem=problem,
            note=form.cleaned_data["note"],
            acting_user=get_own_account(request.user),
            at=now(),
        )
    except DomainError as error:
        return _detail(request, problem, form, status=show_refusal(request, error))
    messages.success(request, _("The problem is solved."))
    return redirect("cohorts:problem_list", slug)


@login_required
@require_POST
def problem_reopen(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    problem = access.get_editable_problem(request.user, slug, pk)
    try:
        reopen_problem(problem=problem, acting_user=get_own_account(request.user))
    except DomainError as error:
        return _detail(request, problem, SolutionForm(), status=show_refusal(request, error))
    messages.success(request, _("The problem is open again."))
    return redirect("cohorts:problem_detail", slug, pk)


@login_required
@require_POST
def problem_weigh(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Whether it blocks the person's switch."""
    problem = access.get_editable_problem(request.user, slug, pk)
    form = WeightForm(request.POST)
    if not form.is_valid():
        return _detail(request, problem, SolutionForm(), status=422)
    try:
        set_blocking(
            problem=problem,
            is_blocking=form.cleaned_data["is_blocking"],
            acting_user=get_own_account(request.user),
        )
    except DomainError as error:
        return _detail(request, problem, SolutionForm(), status=show_refusal(request, error))
    return redirect("cohorts:problem_detail", slug, pk)


def _detail(
    request: HttpRequest, problem: Problem, form: SolutionForm, status: int = 200
) -> HttpResponse:
    context = {"project": problem.participant.project, "problem": problem, "form": form}
    return render(request, "cohorts/problem_detail.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def problem_add(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Somebody of the team takes down what a person told them."""
    person = access.get_editable_participant(request.user, slug, pk)
    form = ProblemForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                problem = report_problem(
                    participant=person,
                    acting_user=get_own_account(request.user),
                    at=now(),
                    **form.cleaned_data,
                )
            except DomainError as error:
                form.add_error(None, str(error))
                status = int(error.status)
            else:
                messages.success(request, _("The problem is taken down."))
                return redirect("cohorts:problem_detail", slug, problem.pk)
    context = {"project": person.project, "person": person, "form": form}
    return render(request, "cohorts/problem_add.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def links_revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make a person's old links invalid, after a page that says what this does."""
    person = access.get_managed_participant(request.user, slug, pk)
    status = 200
    if request.method == "POST":
        try:
            revoke_links(participant=person, acting_user=get_own_account(request.user))
        except DomainError as error:
            status = show_refusal(request, error)
        else:
            messages.success(request, _("The old links open nothing any more."))
            return redirect("rollout:person_detail", slug, pk)
    context = {"project": person.project, "person": person, "nav": "cohorts:people_list"}
    return render(request, "cohorts/links_revoke.html", context, status=status)
