"""The pages of people who were asked: no account, no token in the address, nothing written by GET.

`/s/<token>/` is what mails carry. It exchanges the token for a cookie and leads to an address
without it, so that it stands in no history entry, no Referer and no log.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.exceptions import DomainError
from common.limits import count_unknown
from common.links import Link
from surveys import visits
from surveys.access import find_invitation, find_visited
from surveys.forms import AnswerForm, kept_form, sent_form
from surveys.models import Invitation
from surveys.services.responses import save_draft, submit_response, take_back_response
from surveys.views import public_pages as pages
from surveys.visits import Visit

AUTOSAVE = "X-Autosave"
Page = Callable[[HttpRequest, Visit, Invitation], HttpResponse]


@never_cache
@require_safe
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange the token of a mail. A scanner or preview that fetches this changes nothing."""
    invitation = find_invitation(token)
    if invitation is None:
        status = HTTPStatus.TOO_MANY_REQUESTS if count_unknown(request) else HTTPStatus.NOT_FOUND
        response = pages.unknown(request, status)
    else:
        response = redirect("survey:answer", invitation.survey_id)
        link = Link(public_id=invitation.public_id, generation=invitation.generation)
        visits.begin(response, invitation.survey_id, link, timezone.now())
    # Not on the page itself: there it would turn the Origin of its own form into "null".
    response["Referrer-Policy"] = "no-referrer"
    return response


def visited(view: Page) -> Callable[[HttpRequest, int], HttpResponse]:
    """Give ``view`` the visit and the invitation behind the cookie, or show the unknown page."""

    @wraps(view)
    def wrapper(request: HttpRequest, pk: int) -> HttpResponse:
        visit = visits.read(request, pk)
        invitation = find_visited(visit, pk)
        if visit is None or invitation is None:
            return pages.unknown(request)
        if request.method == "POST" and not visit.is_marked(request.POST.get("visit", "")):
            return pages.other_person(request, invitation)
        return view(request, visit, invitation)

    return wrapper


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@visited
def answer(request: HttpRequest, visit: Visit, invitation: Invitation) -> HttpResponse:
    """The survey; or thanks, once it is answered; or that it is closed."""
    if request.method == "POST":
        return receive(request, visit, invitation)
    if invitation.answered_at is not None:
        return pages.thanks(request, visit, invitation)
    if not invitation.may_be_answered(timezone.now(), visit.begun_at):
        return pages.closed(request, invitation)
    return pages.form(request, visit, invitation, kept_form(invitation))


def receive(request: HttpRequest, visit: Visit, invitation: Invitation) -> HttpResponse:
    """A submit, a "keep and go on later", or the page keeping by itself while somebody types."""
    is_draft = "keep" in request.POST
    form = sent_form(invitation.survey, request.POST, is_draft=is_draft)
    if not form.is_valid():
        return pages.form(request, visit, invitation, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        (save_draft if is_draft else submit_response)(
            invitation=invitation,
            answers=form.answers(),
            at=timezone.now(),
            begun_at=visit.begun_at,
        )
    except DomainError as refusal:
        return refused(request, visit, invitation, form, refusal)
    if AUTOSAVE in request.headers:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if is_draft:
        kept = _("Kept. You can close this page and go on later with the link in your mail.")
        messages.success(request, kept)
    return redirect("survey:answer", invitation.survey_id)


def refused(
    request: HttpRequest,
    visit: Visit,
    invitation: Invitation,
    form: AnswerForm,
    refusal: DomainError,
) -> HttpResponse:
    """Answered already, or too late."""
    status = HTTPStatus(refusal.status)
    if AUTOSAVE in request.headers:
        return HttpResponse(status=status)
    invitation.refresh_from_db(fields=["answered_at"])
    if invitation.answered_at is not None:
        messages.info(request, str(refusal))
        return pages.thanks(request, visit, invitation, status)
    return pages.closed(request, invitation, status, list(form.asked()))


@never_cache
@require_POST
@visited
def change(request: HttpRequest, visit: Visit, invitation: Invitation) -> HttpResponse:
    """ "I pressed the button too early": the answers become a draft again."""
    try:
        take_back_response(invitation=invitation, at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return pages.thanks(request, visit, invitation, HTTPStatus(refusal.status))
    return redirect("survey:answer", invitation.survey_id)
