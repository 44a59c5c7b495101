"""The list of people, a person, putting people into cohorts, the list as CSV."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_own_account
from cohorts import access
from cohorts.forms.choices import PageForm
from cohorts.forms.people import AssignForm, PeopleFilterForm
from cohorts.models import Participant
from cohorts.queries.modes import history_of
from cohorts.queries.people import (
    EXPORT_HEADER,
    PeopleFilter,
    export_rows,
    facts_of,
    matching,
    memberships_of,
    people_page,
)
from cohorts.services.members import Assignment, assign_people, unassign
from common.exceptions import DomainError
from common.export import csv_response
from common.http import show_refusal
from projects.access import get_managed_project, get_project
from projects.models import Project


@login_required
@require_safe
def people_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_project(request.user, slug)
    form, pages = PeopleFilterForm(request.GET, project=project), PageForm(request.GET)
    if not (form.is_valid() and pages.is_valid()):
        return _list(request, project, form, PeopleFilter(), status=422)
    return _list(request, project, form, form.wanted(), pages=pages.cleaned_data)


def _list(
    request: HttpRequest,
    project: Project,
    form: PeopleFilterForm,
    wanted: PeopleFilter,
    *,
    pages: dict[str, int | None] | None = None,
    assign_form: AssignForm | None = None,
    status: int = 200,
) -> HttpResponse:
    page = people_page(project, wanted, **(pages or {}))
    address = reverse("cohorts:people_list", args=[project.slug])
    query = form.query()
    if assign_form is None and project.is_managed:
        assign_form = AssignForm(project=project, cohorts=form.cohorts)
    context: dict[str, Any] = {
        "project": project,
        "form": form,
        "page": page,
        "query": query,
        "clear_url": address if query else "",
        "is_filtered": bool(query or form.errors),
        "previous_url": f"{address}?{form.query(before=page.before)}" if page.before else "",
        "next_url": f"{address}?{form.query(after=page.after)}" if page.after else "",
        "assign_form": assign_form,
        "filtered_cohort": wanted.cohort,
        "can_take_all": wanted.status == PeopleFilter().status,
    }
    return render(request, "cohorts/people_list.html", context, status=status)


@login_required
@require_POST
def people_assign(request: HttpRequest, slug: str) -> HttpResponse:
    """Put people into a cohort. The list's filter stands in the address of the form's action."""
    project = get_managed_project(request.user, slug)
    listed = PeopleFilterForm(request.GET, project=project)
    form = AssignForm(request.POST, project=project, cohorts=listed.cohorts)
    if not (listed.is_valid() and form.is_valid()):
        wanted = listed.wanted() if listed.is_valid() else PeopleFilter()
        return _list(request, project, listed, wanted, assign_form=form, status=422)
    # Ids are looked up before the service is asked, so that a foreign one is a 404 and no refusal.
    picked = access.picked_participants(project, form.cleaned_data["people"])
    try:
        _apply(request, form, listed.wanted(), picked)
    except DomainError as error:
        status = show_refusal(request, error)
        return _list(request, project, listed, listed.wanted(), assign_form=form, status=status)
    return redirect(f"{reverse('cohorts:people_list', args=[slug])}?{listed.query()}")


def _apply(
    request: HttpRequest, form: AssignForm, wanted: PeopleFilter, picked: "QuerySet[Participant]"
) -> None:
    acting_user = get_own_account(request.user)
    scope, expected = form.cleaned_data["scope"], form.cleaned_data["expected"]
    if scope == AssignForm.OUT and wanted.cohort is not None:
        gone = unassign(cohort=wanted.cohort, participants=picked, acting_user=acting_user)
        _say_gone(request, gone, wanted.cohort.name)
    elif (cohort := form.chosen()) is not None:
        people = matching(form.project, wanted) if scope == AssignForm.MATCHING else picked
        done = assign_people(
            cohort=cohort,
            participants=people,
            expected=expected if scope == AssignForm.MATCHING else None,
            acting_user=acting_user,
        )
        _say(request, done, cohort.name)


def _say_gone(request: HttpRequest, gone: int, name: str) -> None:
    sentence = ngettext(
        "%(n)s person was taken out of “%(name)s”; whoever has switched stays.",
        "%(n)s people were taken out of “%(name)s”; whoever has switched stays.",
        gone,
    )
    messages.success(request, sentence % {"n": gone, "name": name})


def _say(request: HttpRequest, done: Assignment, name: str) -> None:
    put = done.joined + done.moved
    sentence = ngettext(
        "%(n)s person is now in “%(name)s”.", "%(n)s people are now in “%(name)s”.", put
    )
    messages.success(request, sentence % {"n": put, "name": name})
    if done.moved:
        sentence = ngettext(
            "%(n)s of them came from another cohort.",
            "%(n)s of them came from another cohort.",
            done.moved,
        )
        messages.info(request, sentence % {"n": done.moved})
    if done.already:
        sentence = ngettext(
            "%(n)s person was there before.", "%(n)s people were there before.", done.already
        )
        messages.info(request, sentence % {"n": done.already})
    if done.stayed:
        sentence = ngettext(
            "%(n)s person stayed in a cohort that has switched.",
            "%(n)s people stayed in cohorts that have switched.",
            done.stayed,
        )
        messages.warning(request, sentence % {"n": done.stayed})


@login_required
@require_safe
def people_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    participant = access.get_participant(request.user, slug, pk)
    context = {
        "project": participant.project,
        "person": participant,
        "memberships": memberships_of(participant),
        "facts": facts_of(participant),
        "history": history_of(participant),
    }
    return render(request, "cohorts/people_detail.html", context)


@login_required
@require_safe
def people_export(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Exactly the people of the list with this filter, on all its pages."""
    project = get_project(request.user, slug)
    form = PeopleFilterForm(request.GET, project=project)
    if not form.is_valid():
        return _list(request, project, form, PeopleFilter(), status=422)
    name = _("people-%(slug)s.csv") % {"slug": project.slug}
    return csv_response(name, EXPORT_HEADER, export_rows(project, form.wanted()))
