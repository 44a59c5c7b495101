"""Small helpers for requests and answers that every room uses. No domain words here."""

from collections.abc import Callable, Iterator

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from common.exceptions import DomainError

Handler = Callable[[HttpRequest], HttpResponse]


def refuse_nul_bytes(get_response: Handler) -> Handler:
    """Middleware: PostgreSQL cannot store NUL, so a NUL in an address, a form or a cookie is a bad
    request. It stands in front of whatever looks a session up by its cookie."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _has_nul(request):
            sentence = _("The text you sent contains a NUL character. Remove it and send it again.")
            return render(request, "400.html", {"sentence": sentence}, status=400)
        return get_response(request)

    return middleware


def _has_nul(request: HttpRequest) -> bool:
    given = (request.path, *request.COOKIES.values())
    if any("\0" in text for text in (*given, *_texts(request.GET))):
        return True
    if request.method != "POST" or request.content_type == "multipart/form-data":
        # Multipart bodies may be large uploads: their text fields are checked by the forms, which
        # refuse NUL themselves (ProhibitNullCharactersValidator).
        return False
    return any("\0" in text for text in _texts(request.POST))


def _texts(data: QueryDict) -> Iterator[str]:
    """Every name and every value."""
    for name, values in data.lists():
        yield name
        yield from map(str, values)


def show_refusal(request: HttpRequest, error: DomainError) -> int:
    """Tell the user why a service said no; returns the HTTP status for the page."""
    messages.error(request, str(error))
    return int(error.status)


def client_address(request: HttpRequest) -> str:
    """The address that counts for limits: what the outermost of our own proxies saw.

    Each of TRUSTED_PROXIES adds the address it was asked from to X-Forwarded-For; what a client
    wrote there itself stands further left and is not believed.
    """
    seen = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if 0 < settings.TRUSTED_PROXIES <= len(seen):
        count: int = settings.TRUSTED_PROXIES
        return seen[-count].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
