"""What every page's frame needs and no view should have to pass: the chosen theme."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

# The empty word follows the system. It is also what any other cookie value means.
THEMES = {"": _("System"), "light": _("Day"), "dark": _("Night")}
THEME_COOKIE = "theme"


def page(request: HttpRequest) -> dict[str, object]:
    """``theme`` ("", "light" or "dark") and the ``themes`` to choose from. No query."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return {"theme": chosen if chosen in THEMES else "", "themes": THEMES.items()}
