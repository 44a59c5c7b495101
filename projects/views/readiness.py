"""Readiness questions by area and their answers."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from projects import access
from projects.fingerprint import fingerprint
from projects.forms import ReadinessForm
from projects.models import ReadinessCheck
from projects.queries.register import readiness_areas
from projects.services import readiness as service
from projects.views.saving import compare_after, save


@login_required
@require_GET
def readiness_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = access.get_project(request.user, slug)
    context = {"project": project, "areas": readiness_areas(project)}
    return render(request, "projects/readiness_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def readiness_answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = access.get_editable_project(request.user, slug)
    check = access.get_readiness_check(project, pk)
    status = 200
    if request.method == "POST":
        form = ReadinessForm(request.POST, check=check)
        status = save(request, form, _answer, check=check)
        if status == 200:
            messages.success(request, _("Answer saved."))
            return redirect("projects:readiness_list", slug)
        check = access.get_readiness_check(project, pk)
        compare_after(status, form, check, service.EDIT_FIELDS)
    else:
        seen = fingerprint(check, service.EDIT_FIELDS)
        shown = {"answer": check.answer, "is_blocking": check.is_blocking, "seen": seen}
        form = ReadinessForm(initial=shown, check=check)
    context = {"project": project, "form": form, "check": check}
    return render(request, "projects/readiness_answer.html", context, status=status)


def _answer(*, answer: Any, **given: Any) -> ReadinessCheck:
    """A number comes as a Decimal, nothing as None; the answer is kept as text."""
    return service.answer_readiness(answer="" if answer is None else str(answer), **given)
