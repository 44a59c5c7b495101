"""One occurrence: who gets it, what they read, and what a manager decides about it."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.queries.gates import gate_note
from common.exceptions import DomainError
from common.http import show_refusal
from communications.access import get_delivery, get_managed_occurrence, get_occurrence
from communications.audiences import Recipient
from communications.enums import ITEMS, Channel
from communications.forms import ApproveForm, DecideForm, PersonForm, SeenForm
from communications.languages import name, tag
from communications.models import Occurrence
from communications.queries.audience import person, search
from communications.queries.languages import Languages, languages_of_occurrence
from communications.queries.page import OccurrencePage, occurrence_page
from communications.queries.zones import moment_of
from communications.services.approval import approve_occurrence, unapprove_occurrence
from communications.services.cancelling import cancel_occurrence
from communications.services.catching_up import send_to_late
from communications.services.ordering import send_now
from communications.services.outbox import resolve_uncertain, retry_failed
from communications.services.pipeline.clock import database_now
from communications.services.seen import Seen
from communications.services.trial import send_test
from communications.views.items import item_page, post_page
from communications.views.previews import shown_mail
from communications.wording import moment_words

NO_NUMBER = gettext_lazy("Press the button once more: its number did not arrive.")
Act = Callable[[Occurrence], object]


@login_required
@require_safe
def occurrence_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return detail_page(request, get_occurrence(request.user, slug, pk))


def detail_page(
    request: HttpRequest, occurrence: Occurrence, status: int = HTTPStatus.OK
) -> HttpResponse:
    if occurrence.message.channel in ITEMS:
        return item_page(request, occurrence, status)
    if occurrence.message.channel == Channel.TEAMS:
        return post_page(request, occurrence, status, _gate_note(occurrence, now()))
    form = PersonForm(request.GET)
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    at = now()
    page = occurrence_page(occurrence, at)
    words, chosen = form.cleaned_data.get("who", ""), form.cleaned_data.get("person")
    found = search(occurrence, at, words) if words or not page.examples else ()
    first = next(iter(found or page.examples), None)
    reader = person(occurrence, at, chosen) if chosen else first
    if chosen and reader is None:
        raise Http404
    mail, no_mail = shown_mail(occurrence, reader) if reader else (None, "")
    context = {
        "project": occurrence.project,
        "occurrence": occurrence,
        "page": page,
        "gate_note": _gate_note(occurrence, at) if page.is_now else "",
        "person_form": form,
        "found": found,
        "reader": reader,
        "mail": mail,
        "no_mail": no_mail,
        "reader_at": _reader_at(occurrence, page, reader),
        "reads": name(tag(reader.language)) if reader else "",
        "languages": _languages(occurrence, page, at),
        "nav": "communications:message_list",
    }
    return render(request, "communications/occurrence_detail.html", context, status=status)


def _reader_at(occurrence: Occurrence, page: OccurrencePage, reader: Recipient | None) -> str:
    """When this reader gets it, by their own clock or calendar, while it waits."""
    if reader is None or page.has_begun or page.is_now:
        return ""
    moment = moment_of(occurrence, reader.pk)
    return moment_words(moment) if moment else ""


def _languages(occurrence: Occurrence, page: OccurrencePage, at: datetime) -> Languages | None:
    """Of a mail that is still to go out."""
    is_mail = occurrence.message.channel == Channel.MAIL
    return languages_of_occurrence(occurrence, at) if is_mail and not page.has_begun else None


def _gate_note(occurrence: Occurrence, at: datetime) -> str:
    """Approving would send it now, so the page names a go/no-go that is closed."""
    if occurrence.cohort is not None:
        occurrence.cohort.project = occurrence.project  # it is at hand
    return gate_note(occurrence.cohort, at)


@login_required
@require_POST
def occurrence_approve(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    occurrence = get_managed_occurrence(request.user, slug, pk)
    form = ApproveForm(request.POST)
    if not form.is_valid():
        messages.error(request, NO_NUMBER)
        return detail_page(request, occurrence, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _act(
        request,
        occurrence,
        lambda row: approve_occurrence(
            occurrence=row, acting_user=request.user, seen=Seen(**form.cleaned_data)
        ),
        _("Your approval is noted."),
    )


@login_required
@require_POST
def occurrence_send_now(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What is planned for later goes out at once."""
    occurrence = get_managed_occurrence(request.user, slug, pk)
    form = ApproveForm(request.POST)
    if not form.is_valid():
        messages.error(request, NO_NUMBER)
        return detail_page(request, occurrence, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _act(
        request,
        occurrence,
        lambda row: send_now(
            occurrence=row, acting_user=request.user, seen=Seen(**form.cleaned_data)
        ),
        _("It is on its way."),
    )


@login_required
@require_POST
def occurrence_unapprove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _act(
        request,
        get_managed_occurrence(request.user, slug, pk),
        lambda row: unapprove_occurrence(occurrence=row, acting_user=request.user),
        _("The approval is taken back. Nothing is sent until somebody approves it."),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def occurrence_cancel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    occurrence = get_managed_occurrence(request.user, slug, pk)
    if request.method != "POST":
        context = {
            "project": occurrence.project,
            "occurrence": occurrence,
            "page": occurrence_page(occurrence, now()),
            "nav": "communications:message_list",
        }
        return render(request, "communications/occurrence_cancel.html", context)
    return _act(
        request,
        occurrence,
        lambda row: cancel_occurrence(occurrence=row, acting_user=request.user),
        _("Cancelled. What was not at the server yet is not sent."),
    )


@login_required
@require_POST
def occurrence_test(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    occurrence = get_managed_occurrence(request.user, slug, pk)
    form = PersonForm(request.POST)
    chosen = form.cleaned_data["person"] if form.is_valid() else None
    reader = person(occurrence, now(), chosen) if chosen else None
    if reader is None:
        raise Http404
    return _act(
        request,
        occurrence,
        lambda row: send_test(occurrence=row, acting_user=request.user, as_recipient=reader),
        _("A test is on its way to %(email)s.") % {"email": request.user.email},
    )


@login_required
@require_POST
def occurrence_decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    occurrence = get_managed_occurrence(request.user, slug, pk)
    form = DecideForm(request.POST)
    if not form.is_valid():
        neither = _("Choose “treat as sent” or “send again”.")
        messages.error(request, NO_NUMBER if "people" in form.errors else neither)
        return detail_page(request, occurrence, HTTPStatus.UNPROCESSABLE_ENTITY)
    only = form.cleaned_data["delivery"]
    delivery = get_delivery(occurrence, only) if only else None
    return _act(
        request,
        occurrence,
        lambda row: resolve_uncertain(
            occurrence=row,
            decision=form.cleaned_data["decision"],
            acting_user=request.user,
            delivery=delivery,
            seen_people=None if delivery else form.cleaned_data["people"],
        ),
        _("Decided. The ledger shows it."),
    )


@login_required
@require_POST
def occurrence_retry(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    occurrence = get_managed_occurrence(request.user, slug, pk)
    form = SeenForm(request.POST)
    if not form.is_valid():
        messages.error(request, NO_NUMBER)
        return detail_page(request, occurrence, HTTPStatus.UNPROCESSABLE_ENTITY)
    people = form.cleaned_data["people"]
    return _act(
        request,
        occurrence,
        lambda row: retry_failed(occurrence=row, acting_user=request.user, seen_people=people),
        _("They are tried again."),
    )


@login_required
@require_POST
def occurrence_late(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    occurrence = get_managed_occurrence(request.user, slug, pk)
    form = SeenForm(request.POST)
    if not form.is_valid():
        messages.error(request, NO_NUMBER)
        return detail_page(request, occurrence, HTTPStatus.UNPROCESSABLE_ENTITY)
    people = form.cleaned_data["people"]
    return _act(
        request,
        occurrence,
        lambda row: send_to_late(
            occurrence=row, acting_user=request.user, seen_people=people, at=database_now()
        ),
        _("It is on its way to them."),
    )


def _act(request: HttpRequest, occurrence: Occurrence, act: Act, done: str) -> HttpResponse:
    """Do it and come back to the page, or show the page with why not."""
    slug, pk = occurrence.project.slug, occurrence.pk
    try:
        act(occurrence)
    except DomainError as error:
        status = show_refusal(request, error)
        return detail_page(request, get_occurrence(request.user, slug, pk), status)
    messages.success(request, done)
    return redirect("communications:occurrence_detail", slug, pk)
