"""A cohort more, split, joined to another, given up: say it, see all that happens, do it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import get_own_account
from cohorts.access import get_managed_cohort
from cohorts.models import Cohort
from common.exceptions import DomainError
from common.http import show_refusal
from communications.services.pipeline.clock import database_now
from projects.access import get_managed_project
from projects.models import Project
from rollout.forms.waves import CancelForm, MergeForm, SplitForm, WaveForm
from rollout.queries.waves import plan_split, plan_wave, told_of
from rollout.services.waves import add_wave, cancel_wave, merge_waves, split_wave
from rollout.waves import WavePlan


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def wave_add(request: HttpRequest, slug: str) -> HttpResponse:
    """POST without a digest shows what would be made; with the digest shown it makes that.

    ``?copy=`` in the address is a cohort whose settings and rules it gets.
    """
    project = get_managed_project(request.user, slug)
    source = _copied(request, project)
    form = WaveForm(request.POST or None, project=project, like=source)

    def plan() -> WavePlan:
        draft = form.draft(source.pk if source else None)
        return plan_wave(project=project, draft=draft, at=database_now())

    def make(digest: str) -> Cohort:
        return add_wave(
            project=project,
            draft=form.draft(source.pk if source else None),
            seen_digest=digest,
            acting_user=get_own_account(request.user),
        )

    context = {"project": project, "source": source, "form": form, "nav": "cohorts:cohort_list"}
    return _make(request, "rollout/wave_add.html", context, plan, make)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def wave_split(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """As ``wave_add``, with some people of this cohort."""
    cohort = get_managed_cohort(request.user, slug, pk)
    form = SplitForm(request.POST or None, project=cohort.project, like=cohort)

    def plan() -> WavePlan:
        return plan_split(
            cohort=cohort, draft=form.draft(), split=form.split(cohort), at=database_now()
        )

    def make(digest: str) -> Cohort:
        return split_wave(
            cohort=cohort,
            draft=form.draft(),
            split=form.split(cohort),
            seen_digest=digest,
            acting_user=get_own_account(request.user),
        )

    context = {**_of(cohort), "form": form}
    return _make(request, "rollout/wave_split.html", context, plan, make)


def _make(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    plan: Callable[[], WavePlan],
    make: Callable[[str], Cohort],
) -> HttpResponse:
    form, status = context["form"], 200
    if request.method == "POST":
        status = 200 if form.is_valid() else 422
        digest = request.POST.get("digest")
        if status == 200 and digest:
            try:
                cohort = make(digest)
            except DomainError as error:
                status = show_refusal(request, error)
            else:
                messages.success(request, _("“%(name)s” is planned.") % {"name": cohort.name})
                return redirect("rollout:cohort_detail", cohort.project.slug, cohort.pk)
        if status != 422:
            try:
                context["plan"] = plan()
            except DomainError as error:
                form.add_error(None, str(error))
                status = max(status, int(error.status))
    return render(request, template, {"plan": None, **context}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def wave_merge(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    cohort = get_managed_cohort(request.user, slug, pk)
    form = MergeForm(request.POST or None, cohort=cohort)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            into = form.cleaned_data["into"]
            status = _do(request, form, partial(merge_waves, cohort=cohort, into=into))
            if status == 200:
                words = {"old": cohort.name, "new": into.name}
                messages.success(request, _("“%(old)s” goes with “%(new)s” now.") % words)
                return redirect("rollout:cohort_detail", slug, into.pk)
    context = {**_of(get_managed_cohort(request.user, slug, pk)), "form": form}
    return render(request, "rollout/wave_merge.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def wave_cancel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    cohort = get_managed_cohort(request.user, slug, pk)
    form = CancelForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            status = _do(request, form, partial(cancel_wave, cohort=cohort))
            if status == 200:
                messages.success(request, _("“%(name)s” is cancelled.") % {"name": cohort.name})
                return redirect("cohorts:cohort_list", slug)
    context = {**_of(get_managed_cohort(request.user, slug, pk)), "form": form}
    return render(request, "rollout/wave_cancel.html", context, status=status)


def _do(request: HttpRequest, form: MergeForm | CancelForm, service: Callable[..., Any]) -> int:
    try:
        service(expected=form.cleaned_data["expected"], acting_user=get_own_account(request.user))
    except DomainError as error:
        return show_refusal(request, error)
    return 200


def _of(cohort: Cohort) -> dict[str, Any]:
    """What all pages about ending a cohort say; people as they are now, whoever left included."""
    told, names = told_of(cohort, database_now())
    return {
        "project": cohort.project,
        "cohort": cohort,
        "people": cohort.memberships.count(),
        "told": told,
        "told_names": names,
        "nav": "cohorts:cohort_list",
    }


def _copied(request: HttpRequest, project: Project) -> Cohort | None:
    given = request.GET.get("copy", "")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise Http404
    return get_managed_cohort(request.user, project.slug, int(given))
