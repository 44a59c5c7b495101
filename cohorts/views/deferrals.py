"""The list of deferrals. Deciding about one tells the person, so it lives in ``rollout``."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cohorts.forms.cases import DeferralFilterForm
from cohorts.forms.choices import PageForm
from cohorts.queries.deferrals import DeferralFilter, deferral_page
from projects.access import get_project


@login_required
@require_safe
def deferral_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_project(request.user, slug)
    form, pages = DeferralFilterForm(request.GET, project=project), PageForm(request.GET)
    is_valid, address = form.is_valid() and pages.is_valid(), request.path
    wanted = form.wanted() if is_valid else DeferralFilter()
    page = deferral_page(project, wanted, after=pages.cleaned_data["after"] if is_valid else None)
    query = form.query() if is_valid else ""
    context = {
        "project": project,
        "form": form,
        "page": page,
        "clear_url": address if query or not is_valid else "",
        "next_url": f"{address}?{form.query(after=page.after)}" if page.after else "",
    }
    return render(request, "cohorts/deferral_list.html", context, status=200 if is_valid else 422)
