"""A mail as a real person would get it: words for the page, its HTML for a frame of its own."""

from collections.abc import Mapping, Sequence
from functools import partial

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from communications.access import get_occurrence
from communications.audiences import Recipient
from communications.exceptions import RenderError
from communications.languages import name, tag
from communications.models import Occurrence
from communications.queries.audience import person
from communications.rendering import RenderedMail
from communications.services.content import preview, preview_draft

# The mail's own style stands in its tags; nothing is loaded or run, links open a new tab.
FRAMED = {
    "default-src": [NONE],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": [SELF],
    "form-action": [NONE],
    "base-uri": [NONE],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


def shown_mail(occurrence: Occurrence, reader: Recipient) -> tuple[RenderedMail | None, str]:
    """The mail, or a sentence that says why this person's cannot be built."""
    try:
        return preview(occurrence, reader), ""
    except RenderError as error:
        return None, str(error)


def no_mail(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    """Into the frame, where there is nothing to show."""
    context = {"sentence": sentence}
    return render(request, "communications/preview_problem.html", context, status=status)


def draft_html(
    occurrence: Occurrence,
    reader: Recipient,
    *,
    further: Sequence[Mapping[str, str]] = (),
    is_short: bool = False,
) -> str:
    """The mail of a message that is being written, below a line that says whose it is; nothing of
    it need be saved. ``further`` as for ``preview_draft``."""
    show = partial(preview_draft, occurrence, reader, further=further, is_short=is_short)
    # Only the mail knows its subject as this person reads it.
    return show(banner=banner_for(reader, show(banner="").subject)).html


def banner_for(reader: Recipient, subject: str) -> str:
    """Above a mail that is being written: who would get it, and which language they read."""
    words = {"name": reader.name or reader.address, "subject": subject}
    to = _("To %(name)s, subject “%(subject)s”") % words
    language = tag(reader.language)
    return (
        _("%(to)s, reads %(language)s") % {"to": to, "language": name(language)} if language else to
    )


@login_required
@require_safe
@xframe_options_sameorigin
@csp(FRAMED)
def occurrence_preview(request: HttpRequest, slug: str, pk: int, person_pk: int) -> HttpResponse:
    occurrence = get_occurrence(request.user, slug, pk)
    reader = person(occurrence, now(), person_pk)
    mail, _why = shown_mail(occurrence, reader) if reader else (None, "")
    if mail is None:
        raise Http404
    return HttpResponse(mail.html)
