"""New project: the form, the plan it would make, and the click that makes it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.exceptions import Conflict
from common.http import show_refusal
from dashboards.charts.plan import timeline_of_plan
from dashboards.charts.timeline import draw
from dashboards.charts.translated import translated_words
from rollout.access import require_project_maker
from rollout.forms.create import ProjectForm
from rollout.services.create import create_project


@login_required
@require_http_methods(["GET", "POST"])
def project_create(request: HttpRequest) -> HttpResponse:
    """GET shows the form, and the plan when the address carries a whole draft; POST makes it.

    The preview is a GET: nothing is stored, and the plan can be sent to a colleague as a link.
    """
    user = require_project_maker(request.user)
    today = timezone.localdate()
    if request.method == "POST":
        form = ProjectForm(request.POST, today=today)
        if not form.is_valid():
            return _page(request, form, status=422)
        try:
            project = create_project(
                draft=form.draft(),
                owner=user,
                acting_user=user,
                seen_digest=request.POST.get("digest", ""),
            )
        except Conflict as error:
            return _page(request, form, status=show_refusal(request, error))
        messages.success(request, _("Your project is ready. Next: import the people."))
        return redirect(project)
    form = ProjectForm(request.GET if "name" in request.GET else None, today=today)
    return _page(request, form, status=422 if form.is_bound and not form.is_valid() else 200)


def _page(request: HttpRequest, form: ProjectForm, *, status: int) -> HttpResponse:
    context: dict[str, object] = {"form": form, "plan": form.plan}
    if form.plan is not None:
        picture = timeline_of_plan(
            form.plan.playbook,
            form.plan.schedule,
            title=form.plan.draft.name,
            today=timezone.localdate(),
        )
        context["timeline"] = draw(picture, translated_words())
    return render(request, "rollout/project_create.html", context, status=status)
