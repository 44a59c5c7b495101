"""What a participant can do on their own page. Links in mails are opened by scanners, so nothing
here happens at a GET, and nothing at once: a page says what would happen, its form does it.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cohorts.exceptions import CohortFull
from cohorts.models import Cohort, Participant
from cohorts.queries.deferrals import return_cohorts
from cohorts.services.champions import set_champion
from cohorts.services.deferrals import ask_deferral, withdraw_deferral
from cohorts.services.problems import report_problem
from common.exceptions import Conflict, DomainError
from common.visits import Visit
from rollout.forms.my_upgrade import ChampionForm, DateForm, LaterForm, ProblemForm, VisitForm
from rollout.my_moment import moment_of
from rollout.queries.my_upgrade import MyUpgrade
from rollout.services.moves import choose_date
from rollout.views.my_upgrade import page_of, visited

METHODS = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(METHODS)
@visited
def date(request: HttpRequest, visit: Visit, person: Participant) -> HttpResponse:
    """Choose another date: the list, then "are you sure", then it is done."""
    page, at = page_of(person), timezone.now()
    form = DateForm(
        request.POST or None, initial=_of(visit), person=person, choices=page.choices, at=at
    )
    words = {
        "title": _("Choose another date"),
        "lead": _("You change places with nobody; your old place becomes free."),
        "submit": _("Go on"),
        "nothing": "" if page.choices else _("There is no other date that you could choose now."),
    }
    if request.method != "POST" or not form.is_valid():
        return _form(request, page, form, words)
    chosen = form.chosen()
    if not form.cleaned_data["sure"]:
        return _sure_about_date(request, page, visit, chosen)
    try:
        choose_date(participant=person, cohort=chosen, at=at)
    except DomainError as error:
        return _form(request, page, form, words, _for_people(error))
    messages.success(request, _("You have a new date. We have taken it down."))
    return redirect("my_upgrade:home")


def _for_people(error: DomainError) -> DomainError:
    """The sentence about a full cohort is meant for managers."""
    if isinstance(error, CohortFull):
        return Conflict(_("The last place has just been taken. Choose another date."))
    return error


def _sure_about_date(
    request: HttpRequest, page: MyUpgrade, visit: Visit, chosen: Cohort
) -> HttpResponse:
    moment = moment_of(page.person, chosen, timezone.now())
    words = {"day": moment.day, "clock": moment.clock, "zone": moment.zone, "cohort": chosen.name}
    text = _("You would switch on %(day)s at %(clock)s (%(zone)s), with “%(cohort)s”.") % words
    hidden = {"visit": visit.mark, "cohort": chosen.pk, "sure": "on"}
    return _sure(request, page, text, _("Yes, this is my date"), hidden)


@never_cache
@require_http_methods(METHODS)
@visited
def later(request: HttpRequest, visit: Visit, person: Participant) -> HttpResponse:
    """Ask for a later date; somebody of the team decides."""
    page, at = page_of(person), timezone.now()
    cohorts = return_cohorts(page.cohort, at) if page.cohort else []
    form = LaterForm(
        request.POST or None, initial=_of(visit), person=person, cohorts=cohorts, at=at
    )
    words = {
        "title": _("Ask for a later date"),
        "lead": _("Somebody of the project’s team decides. Until then your date stands."),
        "submit": _("Send the request"),
        "nothing": _nothing_to_put_off(page),
    }
    return _write(
        request,
        page,
        form,
        words,
        lambda: ask_deferral(participant=person, acting_user=None, at=at, **form.request()),
        _("We have your request. You see the answer on this page."),
    )


def _nothing_to_put_off(page: MyUpgrade) -> str:
    if not page.is_ahead:
        return _("There is no switch ahead of you that could be put off.")
    return _("You have asked already; the answer will stand on your page.") if page.deferral else ""


@never_cache
@require_http_methods(METHODS)
@visited
def withdraw(request: HttpRequest, visit: Visit, person: Participant) -> HttpResponse:
    """Take a request for a later date back."""
    page = page_of(person)
    waiting = page.deferral
    if waiting is None:
        messages.info(request, _("No request of yours waits for an answer."))
        return redirect("my_upgrade:home")
    form = VisitForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        text = _("Your request for a later date would be withdrawn. Your date stands as it is.")
        return _sure(request, page, text, _("Withdraw my request"), _of(visit))
    return _do(
        request,
        lambda: withdraw_deferral(deferral=waiting, acting_user=None, at=timezone.now()),
        _("Your request is withdrawn."),
    )


@never_cache
@require_http_methods(METHODS)
@visited
def problem(request: HttpRequest, visit: Visit, person: Participant) -> HttpResponse:
    """Report what does not work."""
    page, at = page_of(person), timezone.now()
    form = ProblemForm(request.POST or None, initial=_of(visit))
    words = {
        "title": _("Report a problem"),
        "lead": _("The project’s team reads it, and the answer comes to this page."),
        "submit": _("Send"),
        "nothing": "",
    }

    def report() -> object:
        data = form.cleaned_data
        return report_problem(
            participant=person,
            text=data["text"],
            is_blocking=data["is_blocking"],
            acting_user=None,
            at=at,
        )

    return _write(request, page, form, words, report, _("Thank you. We look into it."))


@never_cache
@require_http_methods(METHODS)
@visited
def champion(request: HttpRequest, visit: Visit, person: Participant) -> HttpResponse:
    """Sign up as a champion, or step back."""
    page = page_of(person)
    form = ChampionForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _sure_about_champion(request, page, visit)
    is_champion = form.cleaned_data["wish"] == "yes"
    thanks = _("Thank you for helping your colleagues.") if is_champion else _("You stepped back.")
    return _do(
        request,
        lambda: set_champion(
            participant=person, is_champion=is_champion, acting_user=None, at=timezone.now()
        ),
        thanks,
    )


def _sure_about_champion(request: HttpRequest, page: MyUpgrade, visit: Visit) -> HttpResponse:
    if page.person.champion_since is None:
        text = _("Champions show their colleagues how it works, a few minutes here and there.")
        hidden = {**_of(visit), "wish": "yes"}
        return _sure(request, page, text, _("I would like to be a champion"), hidden)
    text = _("You would no longer be named to your colleagues as their champion.")
    return _sure(request, page, text, _("I step back"), {**_of(visit), "wish": "no"})


def _do(request: HttpRequest, deed: Callable[[], object], thanks: str) -> HttpResponse:
    """The second step of what needs no words; a refusal is told on the person's page."""
    try:
        deed()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, thanks)
    return redirect("my_upgrade:home")


def _of(visit: Visit) -> dict[str, Any]:
    return {"visit": visit.mark}


def _write(
    request: HttpRequest,
    page: MyUpgrade,
    form: VisitForm,
    words: dict[str, str],
    deed: Callable[[], object],
    thanks: str,
) -> HttpResponse:
    """A form of one step: its page is the second one after the link."""
    if request.method != "POST" or not form.is_valid():
        return _form(request, page, form, words)
    try:
        deed()
    except DomainError as error:
        return _form(request, page, form, words, error)
    messages.success(request, thanks)
    return redirect("my_upgrade:home")


def _form(
    request: HttpRequest,
    page: MyUpgrade,
    form: VisitForm,
    words: dict[str, str],
    error: DomainError | None = None,
) -> HttpResponse:
    status = 200
    if error is not None:
        form.add_error(None, str(error))
        status = int(error.status)
    elif request.method == "POST":
        status = 422
    context = {"page": page, "project": page.person.project, "form": form, **words}
    return render(request, "rollout/my_upgrade_form.html", context, status=status)


def _sure(
    request: HttpRequest, page: MyUpgrade, text: str, submit: str, hidden: dict[str, Any]
) -> HttpResponse:
    context = {
        "page": page,
        "project": page.person.project,
        "text": text,
        "submit": submit,
        "hidden": hidden,
        "action": request.path,
        "cancel_url": reverse("my_upgrade:home"),
    }
    return render(request, "rollout/my_upgrade_sure.html", context)
