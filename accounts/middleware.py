"""Shows every time in the reader's own zone, where they chose one."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


def activate_time_zone(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        name = getattr(request.user, "timezone", "")
        with timezone.override(ZoneInfo(name) if name else None):
            return get_response(request)

    return middleware
