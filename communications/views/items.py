"""Pages of what is no mail: an item that a person ticks off, a card for channels."""

from collections.abc import Callable
from http import HTTPStatus

from csp.decorators import csp
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from common.exceptions import DomainError
from common.http import show_refusal
from communications.access import get_managed_occurrence, get_occurrence
from communications.enums import Channel
from communications.exceptions import RenderError
from communications.models import Occurrence
from communications.queries.channels import names_of_channels
from communications.queries.page import occurrence_page
from communications.services.cards import preview_card
from communications.services.items import tick_item, untick_item
from communications.views.previews import FRAMED, no_mail

NAV = "communications:message_list"


def item_page(
    request: HttpRequest, occurrence: Occurrence, status: int = HTTPStatus.OK
) -> HttpResponse:
    """A banner or a poster: what to do, when, and whether it is done."""
    context = {
        "project": occurrence.project,
        "occurrence": occurrence,
        "page": occurrence_page(occurrence, now()),
        "nav": NAV,
    }
    return render(request, "communications/item_detail.html", context, status=status)


def post_page(
    request: HttpRequest, occurrence: Occurrence, status: int = HTTPStatus.OK, gate_note: str = ""
) -> HttpResponse:
    """A card for channels: where it goes, how it looks, what became of it."""
    context = {
        "project": occurrence.project,
        "occurrence": occurrence,
        "page": occurrence_page(occurrence, now()),
        "channels": names_of_channels(occurrence),
        "gate_note": gate_note,
        "nav": NAV,
    }
    return render(request, "communications/post_detail.html", context, status=status)


@login_required
@require_safe
@xframe_options_sameorigin
@csp(FRAMED)
def occurrence_card(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The card about as Teams will draw it, or what stands on a poster, for a frame."""
    occurrence = get_occurrence(request.user, slug, pk)
    if occurrence.message.channel == Channel.MAIL:
        raise Http404
    try:
        return HttpResponse(preview_card(occurrence))
    except RenderError as error:
        return no_mail(request, str(error), HTTPStatus.OK)


@login_required
@require_POST
def occurrence_tick(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _act(
        request,
        get_managed_occurrence(request.user, slug, pk),
        lambda row: tick_item(occurrence=row, acting_user=request.user),
        _("Ticked off."),
    )


@login_required
@require_POST
def occurrence_untick(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _act(
        request,
        get_managed_occurrence(request.user, slug, pk),
        lambda row: untick_item(occurrence=row, acting_user=request.user),
        _("It is to be done once more."),
    )


def _act(
    request: HttpRequest, occurrence: Occurrence, act: Callable[[Occurrence], object], done: str
) -> HttpResponse:
    slug, pk = occurrence.project.slug, occurrence.pk
    try:
        act(occurrence)
    except DomainError as error:
        status = show_refusal(request, error)
        return item_page(request, get_occurrence(request.user, slug, pk), status)
    messages.success(request, done)
    return redirect("communications:occurrence_detail", slug, pk)
