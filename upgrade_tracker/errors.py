"""The page for what nobody caught: 503 while the database is away or a disk is full, else 500."""

import errno
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

RETRY_SECONDS = 10
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while the exception is being handled, whoever raised it.

    A middleware of ours would miss what other middleware raise, and those ask the database first.
    """
    if not _passes(sys.exc_info()[1]):
        return HttpResponse(render_to_string("500.html"), status=500)
    headers = {"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)


def _passes(error: BaseException | None) -> bool:
    """Whether it is nobody's mistake here, and may be over in a moment."""
    is_full = isinstance(error, OSError) and error.errno in FULL
    return is_full or isinstance(error, OperationalError | InterfaceError)
