"""/mailbox/: what the development listener received. Anybody may look, for it exists nowhere else.

A mail that sets a password must be readable before its reader can sign in.
"""

from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from communications import mailbox
from communications.forms import MailboxForm
from communications.mailbox import OpenLetter
from communications.views.previews import FRAMED

# Links open in a tab of their own: the frame itself may not go anywhere.
NEW_TAB = ("<head>", '<head><base target="_blank">')


@require_safe
@never_cache
def mail_list(request: HttpRequest) -> HttpResponse:
    folder = _folder()
    form = MailboxForm(request.GET)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    context = {
        "form": form,
        "letters": mailbox.letters(folder, words),
        "limit": mailbox.LISTED,
        "is_filtered": bool(words),
    }
    return render(request, "communications/mail_list.html", context)


@require_safe
@never_cache
def mail_detail(request: HttpRequest, key: str) -> HttpResponse:
    context = {"key": key, "letter": _letter(key)}
    return render(request, "communications/mail_detail.html", context)


@require_safe
@xframe_options_sameorigin
@csp(FRAMED)
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    return HttpResponse(_letter(key).html.replace(*NEW_TAB, 1))


def _folder() -> str:
    if not (settings.DEVELOPMENT and settings.MAILBOX_DIR):
        raise Http404
    return str(settings.MAILBOX_DIR)


def _letter(key: str) -> OpenLetter:
    found = mailbox.letter(_folder(), key)
    if found is None:
        raise Http404
    return found
