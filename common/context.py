"""What every page's frame needs and no view should have to pass: theme, development mailbox."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

# The empty word follows the system. It is also what any other cookie value means.
THEMES = {"": _("System"), "light": _("Day"), "dark": _("Night")}
THEME_COOKIE = "theme"


def page(request: HttpRequest) -> dict[str, object]:
    """``theme`` ("", "light" or "dark"), the ``themes`` to choose from, and whether the
    development mailbox is there. No query."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "theme": chosen if chosen in THEMES else "",
        "themes": THEMES.items(),
        "has_mailbox": settings.DEVELOPMENT and bool(settings.MAILBOX_DIR),
    }
