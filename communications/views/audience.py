"""Whom an occurrence would go to now, person by person, on the page and as a file."""

from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.exceptions import DomainError
from common.export import table_response
from communications.access import get_occurrence
from communications.forms import AudienceFilter
from communications.queries.audience_page import audience_page, cells, meant
from communications.queries.reach import funnel

FILTERS = ("words", "why")


@login_required
@require_safe
def audience_list(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    occurrence, at = get_occurrence(request.user, slug, pk), timezone.now()
    form = AudienceFilter(request.GET)
    is_valid = form.is_valid()
    page = audience_page(occurrence, at, **form.cleaned_data) if is_valid else None
    kept = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    after = page.after if page else None
    context = {
        "project": occurrence.project,
        "occurrence": occurrence,
        "funnel": funnel(occurrence, at),
        "form": form,
        "rows": page.rows if page else (),
        "next_url": f"?{urlencode({**kept, 'after': after})}" if after else "",
        "first_url": f"?{urlencode(kept)}" if request.GET.get("after") else "",
        "query": urlencode(kept),
        "is_filtered": bool(kept),
        "nav": "communications:message_list",
    }
    status = HTTPStatus.OK if is_valid else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "communications/audience_list.html", context, status=status)


@login_required
@require_safe
def audience_export(
    request: HttpRequest, slug: str, pk: int, kind: str = "csv"
) -> HttpResponseBase:
    """Exactly the people of the list with this filter, on all its pages, as CSV or XLSX."""
    occurrence, at = get_occurrence(request.user, slug, pk), timezone.now()
    form = AudienceFilter(request.GET)
    if not form.is_valid():
        return audience_list(request, slug, pk)
    words, why = form.cleaned_data["words"], form.cleaned_data["why"]
    head = [_("Name"), _("Address"), _("Department"), _("Gets nothing because")]
    name = f"{slug}-{occurrence.message.key}-{pk}-audience-{timezone.localdate().isoformat()}"
    try:
        return table_response(name, kind, head, cells(meant(occurrence, at, words=words, why=why)))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("communications:audience_list", slug, pk)
