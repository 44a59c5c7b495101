"""The list of people and what is done to those ticked in it; the list as a table."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cohorts.forms.people import AssignForm, PeopleFilterForm, PeoplePageForm
from cohorts.queries.people import PeopleFilter
from cohorts.queries.people_export import EXPORT_HEADER, export_rows
from cohorts.queries.people_pages import CEILING, people_page
from common.exceptions import DomainError
from common.export import table_response
from common.http import show_refusal
from projects.access import get_project
from projects.models import Project


@login_required
@require_safe
def people_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_project(request.user, slug)
    form, pages = PeopleFilterForm(request.GET, project=project), PeoplePageForm(request.GET)
    if not (form.is_valid() and pages.is_valid()):
        return list_page(request, project, form, PeopleFilter(), status=422)
    return list_page(request, project, form, form.wanted(), pages=pages.cleaned_data)


def list_page(
    request: HttpRequest,
    project: Project,
    form: PeopleFilterForm,
    wanted: PeopleFilter,
    *,
    pages: dict[str, Any] | None = None,
    assign_form: AssignForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of the list; also what a refused change of it answers with."""
    page = people_page(project, wanted, **(pages or {}))
    address = reverse("cohorts:people_list", args=[project.slug])
    query = form.query()
    if assign_form is None and project.is_managed:
        assign_form = AssignForm(project=project, cohorts=form.cohorts)
    context: dict[str, Any] = {
        "project": project,
        "form": form,
        "page": page,
        "ceiling": CEILING,
        "exact_url": f"{address}?{form.query(is_exact=1)}" if page.is_more else "",
        "query": query,
        "clear_url": address if query else "",
        "is_filtered": bool(query or form.errors),
        "previous_url": f"{address}?{form.query(before=page.before)}" if page.before else "",
        "next_url": f"{address}?{form.query(after=page.after)}" if page.after else "",
        "assign_form": assign_form,
        "mark_url": f"{reverse('cohorts:people_mark', args=[project.slug])}?{query}",
        "filtered_cohort": wanted.cohort,
        "shows_left": wanted.status != PeopleFilter().status,
        "can_take_all": wanted.status == PeopleFilter().status and not page.is_more,
    }
    return render(request, "cohorts/people_list.html", context, status=status)


@login_required
@require_safe
def people_export(request: HttpRequest, slug: str, kind: str = "csv") -> HttpResponseBase:
    """Exactly the people of the list with this filter, on all its pages."""
    project = get_project(request.user, slug)
    form = PeopleFilterForm(request.GET, project=project)
    if not form.is_valid():
        return list_page(request, project, form, PeopleFilter(), status=422)
    day = timezone.localdate().isoformat()
    name = _("people-%(slug)s-%(day)s") % {"slug": project.slug, "day": day}
    try:
        return table_response(name, kind, EXPORT_HEADER, export_rows(project, form.wanted()))
    except DomainError as error:
        status = show_refusal(request, error)
        return list_page(request, project, form, form.wanted(), status=status)
