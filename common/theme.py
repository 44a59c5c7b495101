"""Day or night: the choice, the address without a page that keeps it, what frames show of it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

# The empty word follows the system. It is also what any other cookie value means.
THEMES = {"": gettext_lazy("System"), "light": gettext_lazy("Day"), "dark": gettext_lazy("Night")}
COOKIE = "theme"
ONE_YEAR = 365 * 24 * 3600


def frame(request: HttpRequest) -> dict[str, object]:
    """Context of every page: ``theme`` ("", "light" or "dark"), the ``themes`` to choose from, and
    whether the development mailbox is there. No query."""
    chosen = request.COOKIES.get(COOKIE, "")
    return {
        "theme": chosen if chosen in THEMES else "",
        "themes": THEMES.items(),
        "has_mailbox": settings.DEVELOPMENT and bool(settings.MAILBOX_DIR),
    }


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keeps the choice in a cookie, for people without an account have eyes too."""
    theme = request.POST.get("theme", "")
    if theme not in THEMES:
        sentence = _("There is no such theme. Choose System, Day or Night.")
        return render(request, "400.html", {"sentence": sentence}, status=400)
    # Not redirect(): it takes words for the name of a view.
    response = HttpResponseRedirect(_back(request))
    if theme:
        response.set_cookie(
            COOKIE,
            theme,
            max_age=ONE_YEAR,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(COOKIE)
    return response


def _back(request: HttpRequest) -> str:
    """The page the form was on; never another site."""
    back = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if own and back.startswith("/") else "/"
