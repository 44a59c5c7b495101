"""A rehearsal of the next days, on the page. Asked for by GET, because nothing is changed."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.exceptions import DomainError
from common.http import show_refusal
from projects.access import get_managed_project
from rollout.forms.rehearsal import RehearsalForm
from rollout.services.rehearsal import rehearse


@login_required
@require_safe
def rehearsal(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_managed_project(request.user, slug)
    form = RehearsalForm(request.GET if "days" in request.GET else None)
    found, status = None, HTTPStatus.OK
    if form.is_bound and not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    elif form.is_bound:
        try:
            found = rehearse(
                project=project,
                days=form.cleaned_data["days"],
                acting_user=request.user,
                is_approving=not form.cleaned_data["is_unapproved"],
            )
        except DomainError as error:
            status = HTTPStatus(show_refusal(request, error))
    context = {
        "project": project,
        "form": form,
        "found": found,
        "nav": "communications:message_list",
    }
    return render(request, "rollout/rehearsal.html", context, status=status)
