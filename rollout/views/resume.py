"""A paused or closed project goes on: the page says whom mail leaves for at once."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import get_own_account
from common.exceptions import DomainError
from common.http import show_refusal
from communications.queries.waiting import waiting_in
from communications.services.pipeline.clock import database_now
from projects.access import get_managed_project
from rollout.forms.resume import ResumeForm
from rollout.services.resume import resume_project


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def project_resume(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_managed_project(request.user, slug)
    status, at = 200, database_now()
    if request.method == "POST":
        form = ResumeForm(request.POST)
        status = 422
        if form.is_valid():
            try:
                resume_project(
                    project=project,
                    acting_user=get_own_account(request.user),
                    seen_people=form.cleaned_data["people"],
                    at=at,
                )
            except DomainError as error:
                status = show_refusal(request, error)
                project = get_managed_project(request.user, slug)
            else:
                messages.success(request, _("The project goes on."))
                return redirect("projects:settings", slug)
        else:
            messages.error(request, _("Press the button once more: its number did not arrive."))
    context = {
        "project": project,
        "waiting": waiting_in(project, at),
        "nav": "projects:settings",
    }
    return render(request, "rollout/project_resume.html", context, status=status)
