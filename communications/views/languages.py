"""A message's texts in other languages: added, changed, removed, with the mail beside the form."""

from http import HTTPStatus

from csp.decorators import csp
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import HiddenInput
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST

from common.exceptions import DomainError
from common.http import show_refusal
from communications.access import get_managed_message, get_variant
from communications.audiences import Recipient
from communications.exceptions import RenderError
from communications.forms.variant import As, VariantForm, offered
from communications.languages import name
from communications.models import Message, MessageVariant, Occurrence
from communications.queries.languages import languages_of
from communications.queries.samples import reader_of, sample_of
from communications.services.text import allowed_placeholders, refuse_bad_variant
from communications.services.variants import remove_variant, save_variant
from communications.views.previews import FRAMED, draft_html, no_mail

NAV = "communications:message_list"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def language_new(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    message = get_managed_message(request.user, slug, pk)
    found = languages_of(message)
    given = {"revision": message.revision, "language": request.GET.get("language", "")}
    data = request.POST if request.method == "POST" else None
    form = VariantForm(data, message=message, offered=offered(found), initial=given)
    return _save(request, message, form, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def language_edit(request: HttpRequest, slug: str, pk: int, language: str) -> HttpResponse:
    message = get_managed_message(request.user, slug, pk)
    variant = get_variant(message, language)
    given = {**VariantForm.initial_of(variant), "revision": message.revision}
    data = request.POST if request.method == "POST" else None
    only = [(variant.language, name(variant.language))]
    form = VariantForm(data, message=message, offered=only, initial=given)
    form.fields["language"].widget = HiddenInput()
    return _save(request, message, form, variant)


def _save(
    request: HttpRequest, message: Message, form: VariantForm, variant: MessageVariant | None
) -> HttpResponse:
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            message.revision = form.cleaned_data["revision"]
            try:
                save_variant(message=message, **form.text(), acting_user=request.user)
            except DomainError as error:
                form.add_error(None, str(error))
                status = error.status
            else:
                messages.success(request, _("Saved. Who reads this language gets this text."))
                return redirect("communications:message_detail", message.project.slug, message.pk)
    context = {
        "project": message.project,
        "message": message,
        "form": form,
        "variant": variant,
        "heading": name(variant.language) if variant else _("Add a language"),
        "placeholders": sorted(allowed_placeholders(message)),
        "nav": NAV,
    }
    return render(request, "communications/language_write.html", context, status=status)


@login_required
@require_POST
def language_remove(request: HttpRequest, slug: str, pk: int, language: str) -> HttpResponse:
    message = get_managed_message(request.user, slug, pk)
    variant = get_variant(message, language)
    try:
        remove_variant(message=message, language=variant.language, acting_user=request.user)
    except DomainError as error:
        show_refusal(request, error)
    else:
        words = {"language": name(variant.language)}
        messages.success(
            request, _("Removed. Who reads %(language)s gets another text now.") % words
        )
    return redirect("communications:message_detail", slug, pk)


@login_required
@require_POST
@xframe_options_sameorigin
@csp(FRAMED)
def language_preview(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The mail of the form as it stands, for the frame beside it. Saves nothing."""
    message = get_managed_message(request.user, slug, pk)
    everything = offered(languages_of(message), is_any=True)
    form = VariantForm(request.POST, message=message, offered=everything)
    if not form.is_valid():
        sentence = _("Choose a language, write a subject and a text, and the mail appears here.")
        return no_mail(request, sentence, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        return HttpResponse(_draft_html(message, form))
    except (DomainError, RenderError) as error:
        return no_mail(request, str(error), HTTPStatus.UNPROCESSABLE_ENTITY)


def _draft_html(message: Message, form: VariantForm) -> str:
    text, sample = form.text(), form.cleaned_data["sample"] or As.READER
    refuse_bad_variant(message, MessageVariant(message=message, **text))
    cohort = message.project.cohorts.filter(kind=message.cohort_kind).first()
    occurrence = Occurrence(message=message, project=message.project, cohort=cohort)
    reader = _reader(occurrence, text["language"], sample)
    return draft_html(occurrence, reader, further=[text], is_short=sample == As.LATE)


def _reader(occurrence: Occurrence, language: str, sample: str) -> Recipient:
    """Somebody, taken to read ``language``."""
    is_theirs = sample in (As.READER, As.LATE)
    reader = reader_of(occurrence, now(), language) if is_theirs else None
    reader = reader or sample_of(occurrence, now(), sample)
    if reader is None:
        raise RenderError(_("Nobody is in this audience yet, so there is nobody to show it as."))
    return reader._replace(language=language)
