"""Writing a message: anew, from a copy, or changing one; with the mail beside the form."""

from http import HTTPStatus
from typing import Any

from csp.decorators import csp
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST

from common.exceptions import DomainError
from communications.access import get_managed_message, get_managed_project, get_message
from communications.audience_kinds import FOR_ONE_COHORT, OWN_KINDS
from communications.enums import Channel
from communications.exceptions import RenderError
from communications.forms import MessageForm, WriteForm
from communications.forms.message import NEW
from communications.models import Message, Occurrence
from communications.queries.languages import languages_of
from communications.queries.samples import Sample, sample_of
from communications.queries.texts import variant_rows
from communications.rendering.placeholders import allowed_names
from communications.services.authoring import edit_message, write_message
from communications.services.cards import card_html
from communications.services.messages import update_message
from communications.services.text import allowed_placeholders, refuse_bad_text
from communications.views.previews import FRAMED, draft_html, no_mail
from projects.models import Project

NAV = "communications:message_list"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def message_new(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_managed_project(request.user, slug)
    if request.method == "POST":
        form = WriteForm(request.POST, project=project)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                message = write_message(
                    project=project,
                    **form.text(),
                    rule=form.rule(),
                    acting_user=request.user,
                    copied_from=_with_languages(request, slug, form),
                )
            except DomainError as error:
                form.add_error(None, str(error))
                status = error.status
            else:
                messages.success(request, _("Added. Look at whom it goes to, then approve it."))
                return redirect("communications:message_detail", slug, message.pk)
        return _new_page(request, project, form, status)
    return _new_page(request, project, WriteForm(project=project, initial=NEW), HTTPStatus.OK)


@login_required
@require_http_methods(["GET", "HEAD"])
def message_copy(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A new message that begins as another one's text and rule; its day is asked for anew."""
    message = get_managed_message(request.user, slug, pk)
    given = WriteForm.initial_of(message)
    given["title"] = _("%(title)s (copy)") % {"title": given["title"]}
    given["audience"] = given["audience"] or NEW["audience"]
    form = WriteForm(project=message.project, initial={**given, "revision": None})
    return _new_page(request, message.project, form, HTTPStatus.OK)


def _new_page(request: HttpRequest, project: Project, form: WriteForm, status: int) -> HttpResponse:
    context = {
        "project": project,
        "form": form,
        "placeholders": sorted(
            allowed_names(has_cohort=True, has_more=False, is_for_participants=True)
        ),
        "nav": NAV,
    }
    return render(request, "communications/message_write.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def message_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    message = get_managed_message(request.user, slug, pk)
    form = _form_of(message, request)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                _save(message, form, request)
            except DomainError as error:
                form.add_error(None, str(error))
                status = error.status
            else:
                messages.success(request, _("Saved. Mails that have not left use the new text."))
                return redirect("communications:message_detail", slug, pk)
    context = {
        "project": message.project,
        "message": get_message(request.user, slug, pk),
        "form": form,
        "placeholders": sorted(allowed_placeholders(message)),
        "languages": languages_of(message),
        "nav": NAV,
    }
    return render(request, "communications/message_edit.html", context, status=status)


def _form_of(message: Message, request: HttpRequest) -> MessageForm:
    """Who gets a survey's messages, and when, is the survey's to say, and who is told of a move
    the move's: there it is text alone, as it is for whoever sends nothing but a text."""
    data = request.POST if request.method == "POST" else None
    is_ruled_here = message.audience_kind in OWN_KINDS - set(FOR_ONE_COHORT)
    if not is_ruled_here or (data is not None and "audience" not in data):
        form = MessageForm(data, initial=MessageForm.initial_of(message))
    else:
        form = WriteForm(data, project=message.project, initial=WriteForm.initial_of(message))
    form.fields["revision"].required = True
    if isinstance(form, WriteForm):
        form.keep_channel()
    return form


def _save(message: Message, form: MessageForm, request: HttpRequest) -> None:
    message.revision = form.cleaned_data["revision"]
    if isinstance(form, WriteForm):
        edit_message(message=message, **form.text(), rule=form.rule(), acting_user=request.user)
    else:
        update_message(message=message, **form.text(), acting_user=request.user)


@login_required
@require_POST
@xframe_options_sameorigin
@csp(FRAMED)
def message_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The mail of the form as it stands, for the frame beside it. Saves nothing."""
    project = get_managed_project(request.user, slug)
    form = WriteForm(request.POST, project=project)
    if not form.is_valid():
        return no_mail(request, _first_error(form), HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        return HttpResponse(_draft_html(project, form, _with_languages(request, slug, form)))
    except (DomainError, RenderError) as error:
        return no_mail(request, str(error), HTTPStatus.UNPROCESSABLE_ENTITY)


def _with_languages(request: HttpRequest, slug: str, form: WriteForm) -> Message | None:
    """The message whose texts in other languages belong to the form."""
    pk = form.cleaned_data["languages_of"]
    return get_message(request.user, slug, pk) if pk else None


def _first_error(form: WriteForm) -> str:
    if not form.data.get("subject", "").strip() or not form.data.get("body", "").strip():
        return _("Write a subject and a text, and the mail appears here.")
    name, sentences = next(iter(form.errors.items()))
    return f"{form[name].label}: {sentences[0]}"


def _draft_html(project: Project, form: WriteForm, source: Message | None) -> str:
    rule: dict[str, Any] = {name: getattr(form.rule(), name) for name in form.rule().__slots__}
    message = Message(project=project, revision=0, **form.text(), **rule)
    refuse_bad_text(message, message.subject, message.body)
    cohort = project.cohorts.filter(kind=message.cohort_kind).first()
    occurrence = Occurrence(message=message, project=project, cohort=cohort)
    if message.channel != Channel.MAIL:
        return card_html(message, occurrence)
    reader = sample_of(occurrence, now(), form.cleaned_data["sample"])
    if reader is None:
        raise RenderError(_("Nobody is in this audience yet, so there is nobody to show it as."))
    further = variant_rows(source) if source is not None else []
    is_short = form.cleaned_data["sample"] == Sample.LATE
    return draft_html(occurrence, reader, further=further, is_short=is_short)
