"""The page of a project's sending rules."""

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.exceptions import DomainError
from communications.access import get_managed_project, get_project
from communications.forms import RulesForm
from communications.queries.rules import rules_of
from communications.services.rules import EDIT_FIELDS, change_rules
from projects.exceptions import PlanChanged
from projects.fingerprint import fingerprint


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody in the project may read them, managers change them."""
    is_post = request.method == "POST"
    project = (get_managed_project if is_post else get_project)(request.user, slug)
    given = rules_of(project)
    shown = {**RulesForm.initial_of(given), "seen": fingerprint(given, EDIT_FIELDS)}
    form = RulesForm(request.POST if is_post else None, initial=shown)
    status = HTTPStatus.OK
    if is_post:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                change_rules(project=project, **form.cleaned_data, acting_user=request.user)
            except DomainError as error:
                form.add_error(None, str(error))
                status = error.status
                if isinstance(error, PlanChanged):
                    given = rules_of(project)
                    form.compare(given, fingerprint(given, EDIT_FIELDS))
            else:
                messages.success(request, _("Saved. They hold for what is sent from now on."))
                return redirect("communications:rules", slug)
    context = {"project": project, "form": form, "nav": "communications:message_list"}
    return render(request, "communications/rules.html", context, status=status)
