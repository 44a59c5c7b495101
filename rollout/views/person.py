"""One person's page, and what a manager does about one person."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_own_account
from accounts.models import User
from cohorts.access import get_managed_participant, get_participant
from cohorts.models import Participant
from cohorts.services.champions import set_champion
from cohorts.services.members import leave, rejoin
from cohorts.services.people import require_known, set_white_glove
from common.exceptions import DomainError
from common.http import show_refusal
from communications.services.suppressions import release, suppress
from dashboards.queries.situation import today_in
from rollout.forms.person import ChangeForm, SilenceForm, TimelinePageForm, as_place
from rollout.queries.person import person_page
from rollout.services.erase import erase_participant

NAV = "cohorts:people_list"


@login_required
@require_safe
def person_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _page(request, get_participant(request.user, slug, pk))


def _page(request: HttpRequest, person: Participant, *, status: int = 200) -> HttpResponse:
    form = TimelinePageForm(request.GET)
    before = form.moment() if form.is_valid() else None
    if not form.is_valid():
        status = 422
    page = person_page(person, timezone.now(), before=before)
    address = reverse("rollout:person_detail", args=[person.project.slug, person.pk])
    end = page.timeline.before
    context = {
        "project": person.project,
        "person": person,
        "page": page,
        "next_url": f"{address}?before={as_place(end)}" if end else "",
        "previous_url": address if before else "",
        "nav": NAV,
    }
    return render(request, "rollout/person_detail.html", context, status=status)


@login_required
@require_POST
def person_change(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One press of a button: white glove, champion, left, back, mail again."""
    person = get_managed_participant(request.user, slug, pk)
    form = ChangeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This page has changed. Reload it and press again."))
        return _page(request, person, status=422)
    try:
        done = _change(person, form.cleaned_data["what"], get_own_account(request.user))
    except DomainError as error:
        status = show_refusal(request, error)
        return _page(request, get_participant(request.user, slug, pk), status=status)
    messages.success(request, done)
    return redirect("rollout:person_detail", slug, pk)


def _change(person: Participant, what: str, acting_user: User) -> str:
    who: dict[str, Any] = {"participant": person, "acting_user": acting_user}
    require_known(person)
    if what in (ChangeForm.GLOVE_ON, ChangeForm.GLOVE_OFF):
        set_white_glove(is_white_glove=what == ChangeForm.GLOVE_ON, **who)
    elif what in (ChangeForm.CHAMPION_ON, ChangeForm.CHAMPION_OFF):
        set_champion(is_champion=what == ChangeForm.CHAMPION_ON, at=timezone.now(), **who)
    elif what == ChangeForm.LEFT:
        leave(**who)
    elif what == ChangeForm.BACK:
        rejoin(**who)
    else:
        release(address=person.address, project=person.project, acting_user=acting_user)
        return _("Mail goes to this address again. What was taken back is not sent any more.")
    return _("Saved.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_silence(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """No mail to this person's address, in any project."""
    person = get_managed_participant(request.user, slug, pk)
    today = today_in(person.project, timezone.now())
    form = SilenceForm(request.POST or None, today=today, zone=person.project.timezone)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                require_known(person)
                suppress(
                    address=person.address,
                    reason=form.cleaned_data["reason"],
                    until=form.until(),
                    project=person.project,
                    acting_user=get_own_account(request.user),
                )
            except DomainError as error:
                form.add_error(None, str(error))
                status = int(error.status)
            else:
                messages.success(request, _("No mail goes to this address any more."))
                return redirect("rollout:person_detail", slug, pk)
    context = {"project": person.project, "person": person, "form": form, "nav": NAV}
    return render(request, "rollout/person_silence.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_erase(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Erase a person, after a page that says what goes and what stays."""
    person = get_managed_participant(request.user, slug, pk)
    status = 200
    if request.method == "POST":
        try:
            erase_participant(participant=person, acting_user=get_own_account(request.user))
        except DomainError as error:
            status = show_refusal(request, error)
            person = get_managed_participant(request.user, slug, pk)
        else:
            messages.success(request, _("The person is erased."))
            return redirect("rollout:person_detail", slug, pk)
    context = {"project": person.project, "person": person, "nav": NAV}
    return render(request, "rollout/person_erase.html", context, status=status)
