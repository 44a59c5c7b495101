"""Stopping mails that are not mandatory. Opening the link changes nothing: scanners open links.

Mail programs that know RFC 8058 send a POST to the address in the mail's header, without a cookie;
people open it, get a cookie and an address without the token, and press a button.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from common.limits import count_unknown
from common.links import Link
from communications.access import find_unsubscriber
from communications.personal_links import GENERATION, read_token, visit_cookie
from communications.services.unsubscribing import is_unsubscribed, resubscribe, unsubscribe

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
    context = {
        "visit": visit,
        "address": delivery.address,
        "project": delivery.occurrence.project,
        "is_stopped": is_unsubscribed(delivery),
    }
    return render(request, "communications/unsubscribe.html", context)


def unknown(request: HttpRequest, status: HTTPStatus = HTTPStatus.NOT_FOUND) -> HttpResponse:
    """The same page for every link that is not, or no longer, one of ours."""
    return render(request, "communications/unsubscribe_unknown.html", status=status)
