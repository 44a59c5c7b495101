"""What is done to people of the list: put into a cohort, taken out, marked as left or back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import get_own_account
from cohorts import access
from cohorts.forms.people import AssignForm, MarkForm, PeopleFilterForm
from cohorts.models import Participant
from cohorts.queries.people import PeopleFilter, matching
from cohorts.services.members import Assignment, assign_people, unassign
from cohorts.services.people import bring_back, mark_left
from cohorts.views.people import list_page
from common.exceptions import DomainError
from common.http import show_refusal
from projects.access import get_managed_project


@login_required
@require_POST
def people_assign(request: HttpRequest, slug: str) -> HttpResponse:
    """Put people into a cohort. The list's filter stands in the address of the form's action."""
    project = get_managed_project(request.user, slug)
    listed = PeopleFilterForm(request.GET, project=project)
    form = AssignForm(request.POST, project=project, cohorts=listed.cohorts)
    if not (listed.is_valid() and form.is_valid()):
        wanted = listed.wanted() if listed.is_valid() else PeopleFilter()
        return list_page(request, project, listed, wanted, assign_form=form, status=422)
    # Ids are looked up before the service is asked, so that a foreign one is a 404 and no refusal.
    picked = access.picked_participants(project, form.cleaned_data["people"])
    try:
        _apply(request, form, listed.wanted(), picked)
    except DomainError as error:
        status = show_refusal(request, error)
        return list_page(request, project, listed, listed.wanted(), assign_form=form, status=status)
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
@require_POST
def people_mark(request: HttpRequest, slug: str) -> HttpResponse:
    """The ticked people have left, or are back."""
    project = get_managed_project(request.user, slug)
    listed, form = PeopleFilterForm(request.GET, project=project), MarkForm(request.POST)
    if not (listed.is_valid() and form.is_valid()):
        wanted = listed.wanted() if listed.is_valid() else PeopleFilter()
        for sentence in form.non_field_errors():
            messages.error(request, sentence)
        return list_page(request, project, listed, wanted, status=422)
    picked = access.picked_participants(project, form.cleaned_data["people"])
    acting_user = get_own_account(request.user)
    try:
        if form.cleaned_data["mark"] == MarkForm.LEFT:
            gone = mark_left(project=project, participants=picked, acting_user=acting_user)
            sentence = ngettext(
                "%(n)s person has left and is not counted any more.",
                "%(n)s people have left and are not counted any more.",
                gone,
            )
            messages.success(request, sentence % {"n": gone})
        else:
            back = bring_back(project=project, participants=picked, acting_user=acting_user)
            sentence = ngettext("%(n)s person is back.", "%(n)s people are back.", back)
            messages.success(request, sentence % {"n": back})
    except DomainError as error:
        status = show_refusal(request, error)
        return list_page(request, project, listed, listed.wanted(), status=status)
    return redirect(f"{reverse('cohorts:people_list', args=[slug])}?{listed.query()}")
