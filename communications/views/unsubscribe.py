"""Stopping mails that are not mandatory. Opening the link changes nothing: scanners open links.

Mail programs that know RFC 8058 send a POST to the address in the mail's header, without a cookie;
people open it, get a cookie and an address without the token, and press a button.

The pages are in the language of the mail that led there, not in that of the interface.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from common.limits import count_unknown
from common.links import Link
from communications.access import find_unsubscriber
from communications.mail_words import accepted, wholly_in
from communications.personal_links import GENERATION, read_token, visit_cookie
from communications.queries.texts import language_of
from communications.services.unsubscribing import is_unsubscribed, resubscribe, unsubscribe
from communications.stopping_words import frame_words, page_words, unknown_words

ONE_CLICK = "List-Unsubscribe"


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    message_id = read_token(token)
    delivery = find_unsubscriber(message_id)
    if message_id is None or delivery is None:
        status = HTTPStatus.TOO_MANY_REQUESTS if count_unknown(request) else HTTPStatus.NOT_FOUND
        response = unknown(request, status)
    elif request.method == "POST" and request.POST.get(ONE_CLICK) == "One-Click":
        unsubscribe(delivery=delivery)
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    else:
        response = redirect("unsubscribe:page")
        link = Link(public_id=message_id, generation=GENERATION)
        visit_cookie().begin(response, link, timezone.now())
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    visit = visit_cookie().read(request)
    delivery = find_unsubscriber(visit.link.public_id if visit else None)
    if visit is None or delivery is None:
        return unknown(request)
    if request.method == "POST":
        # A form of somebody else's link, opened before in this browser, decides nothing here.
        if visit.is_marked(request.POST.get("visit", "")):
            (resubscribe if "again" in request.POST else unsubscribe)(delivery=delivery)
        return redirect("unsubscribe:page")
    is_stopped = is_unsubscribed(delivery)
    with wholly_in(language_of(delivery)):
        context = {
            "visit": visit,
            "project": delivery.occurrence.project,
            "is_stopped": is_stopped,
            "words": page_words(delivery.address, is_stopped=is_stopped),
            "frame": frame_words(),
        }
        return _spoken(render(request, "communications/unsubscribe.html", context))


def unknown(request: HttpRequest, status: HTTPStatus = HTTPStatus.NOT_FOUND) -> HttpResponse:
    """The same page for every link that is not, or no longer, one of ours. Of who opened it we
    know only what their browser says."""
    with wholly_in(accepted(request.headers.get("Accept-Language", ""))):
        context = {"words": unknown_words()}
        template = "communications/unsubscribe_unknown.html"
        return _spoken(render(request, template, context, status=status))


def _spoken(page: HttpResponse) -> HttpResponse:
    """``page`` says in its headers, too, which language is active."""
    page["Content-Language"] = get_language()
    return page
