"""A participant's own page: no account, no token in the address, nothing written by GET.

`/me/<token>/` is what mails carry. It exchanges the token for a cookie and leads to an address
without it, so that it stands in no history entry, no Referer and no log.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cohorts.models import Participant
from common.limits import count_unknown
from common.links import Link
from common.visits import Visit
from communications.calendar_entry import CONTENT_TYPE, cohort_entry
from communications.mail_words import spoken_to
from rollout.access import find_link, find_visitor, get_previewed_person
from rollout.personal_links import visit_cookie
from rollout.queries.my_upgrade import MyUpgrade, invitation_to, my_upgrade
from surveys import visits as survey_visits

Page = Callable[[HttpRequest, Visit, Participant], HttpResponse]


@never_cache
@require_safe
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange the token of a mail. A scanner or preview that fetches this changes nothing."""
    link = find_link(token)
    if link is None:
        status = HTTPStatus.TOO_MANY_REQUESTS if count_unknown(request) else HTTPStatus.NOT_FOUND
        response = unknown(request, status)
    else:
        response = redirect("my_upgrade:home")
        visit_cookie().begin(response, link, timezone.now())
    # Not on the page itself: there it would turn the Origin of its own forms into "null".
    response["Referrer-Policy"] = "no-referrer"
    return response


def unknown(request: HttpRequest, status: HTTPStatus = HTTPStatus.NOT_FOUND) -> HttpResponse:
    """The same page for every link that is not, or no longer, one of ours."""
    return render(request, "rollout/my_upgrade_unknown.html", status=status)


def visited(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give ``view`` the visit and the person behind the cookie, or show the unknown page."""

    @wraps(view)
    def wrapper(request: HttpRequest, **rest: int) -> HttpResponse:
        visit = visit_cookie().read(request)
        person = find_visitor(visit)
        if visit is None or person is None:
            return unknown(request)
        if request.method == "POST" and not visit.is_marked(request.POST.get("visit", "")):
            context = {"project": person.project}
            status = HTTPStatus.CONFLICT
            return render(request, "rollout/my_upgrade_other.html", context, status=status)
        return view(request, visit, person, **rest)

    return wrapper


def page_of(person: Participant) -> MyUpgrade:
    """What the page says now. Its zone becomes the current one until the end of the request."""
    page = my_upgrade(person, timezone.now())
    timezone.activate(ZoneInfo(page.zone))
    return page


@never_cache
@require_safe
@visited
def home(request: HttpRequest, visit: Visit, person: Participant) -> HttpResponse:
    context = {"page": page_of(person), "project": person.project, "is_preview": False}
    return render(request, "rollout/my_upgrade.html", context)


@login_required
@require_safe
def preview(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The same page for a member of the project, without its buttons."""
    person = get_previewed_person(request.user, slug, pk)
    context = {"page": page_of(person), "project": person.project, "is_preview": True}
    return render(request, "rollout/my_upgrade.html", context)


@never_cache
@require_safe
@visited
def calendar(request: HttpRequest, visit: Visit, person: Participant) -> HttpResponse:
    """The switch as a file for the person's calendar; later ones move the same entry. In their
    language, as the entry that came by mail."""
    cohort = page_of(person).cohort
    if cohort is None:
        return unknown(request)
    with spoken_to(person.language):
        entry = cohort_entry(cohort, project=person.project, sequence=cohort.calendar_sequence)
    response = HttpResponse(entry, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="switch.ics"'
    return response


@never_cache
@require_safe
@visited
def survey(request: HttpRequest, visit: Visit, person: Participant, pk: int) -> HttpResponse:
    """To a survey the person was invited to, as if they had opened its own link."""
    invitation = invitation_to(person, pk)
    if invitation is None:
        return unknown(request)
    response = redirect("survey:answer", pk)
    link = Link(public_id=invitation.public_id, generation=invitation.generation)
    survey_visits.begin(response, pk, link, timezone.now())
    return response
