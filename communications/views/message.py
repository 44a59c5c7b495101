"""A message: its text, its rule, its occurrences; pausing and ending it."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.exceptions import DomainError
from common.http import show_refusal
from communications.access import get_managed_message, get_message
from communications.enums import MessageStatus
from communications.forms import SeenForm
from communications.models import Message
from communications.queries.languages import languages_of
from communications.queries.messages import lines, of_message
from communications.queries.planning import rule_of
from communications.queries.waiting import waiting_of
from communications.services.pausing import cancel_message, pause_message, resume_message
from communications.wording import audience_words, rule_words

NAV = "communications:message_list"


@login_required
@require_safe
def message_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return detail_page(request, get_message(request.user, slug, pk))


def detail_page(
    request: HttpRequest, message: Message, status: int = HTTPStatus.OK
) -> HttpResponse:
    at = timezone.now()
    is_paused = message.status == MessageStatus.PAUSED
    context = {
        "project": message.project,
        "message": message,
        "waiting": waiting_of(message, at) if is_paused else None,
        "rule": rule_words(rule_of(message)),
        "audience": audience_words(message.audience_kind),
        "languages": languages_of(message),
        "lines": lines(message.project, list(of_message(message)), at),
        "nav": NAV,
    }
    return render(request, "communications/message_detail.html", context, status=status)


@login_required
@require_POST
def message_pause(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    message = get_managed_message(request.user, slug, pk)
    return _act(
        request, message, pause_message, _("Paused. Nothing of it is sent until you resume.")
    )


@login_required
@require_POST
def message_resume(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    message = get_managed_message(request.user, slug, pk)
    form = SeenForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Press the button once more: its number did not arrive."))
        return detail_page(request, message, HTTPStatus.UNPROCESSABLE_ENTITY)
    resume = partial(resume_message, seen_people=form.cleaned_data["people"])
    return _act(request, message, resume, _("It goes on with the rest."))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def message_cancel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    message = get_managed_message(request.user, slug, pk)
    if request.method != "POST":
        found = lines(message.project, list(of_message(message)), timezone.now())
        open_lines = [line for line in found if line.occurrence.state not in ("done", "cancelled")]
        context = {
            "project": message.project,
            "message": message,
            "open_lines": open_lines,
            "nav": NAV,
        }
        return render(request, "communications/message_cancel.html", context)
    return _act(request, message, cancel_message, _("Cancelled for good."))


def _act(
    request: HttpRequest, message: Message, service: Callable[..., Message], done: str
) -> HttpResponse:
    slug, pk = message.project.slug, message.pk
    try:
        service(message=message, acting_user=request.user)
    except DomainError as error:
        status = show_refusal(request, error)
        return detail_page(request, get_message(request.user, slug, pk), status)
    messages.success(request, done)
    return redirect("communications:message_detail", slug, pk)
