"""The ledger person by person, on the page and as a file."""

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
from communications.forms import PeopleFilter
from communications.queries.ledger import ledger_of
from communications.queries.people import cells, deliveries, name_of, people_page

FILTERS = ("words", "state")


@login_required
@require_safe
def delivery_list(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    occurrence = get_occurrence(request.user, slug, pk)
    form = PeopleFilter(request.GET)
    is_valid = form.is_valid()
    page = people_page(occurrence, **form.cleaned_data) if is_valid else None
    kept = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    context = {
        "project": occurrence.project,
        "occurrence": occurrence,
        "ledger": ledger_of(occurrence.pk),
        "form": form,
        "rows": [(row, name_of(row)) for row in page.rows] if page else [],
        "previous_url": _link(kept, "before", page.before if page else None),
        "next_url": _link(kept, "after", page.after if page else None),
        "query": urlencode(kept),
        "is_filtered": bool(kept),
        "nav": "communications:message_list",
    }
    status = HTTPStatus.OK if is_valid else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "communications/delivery_list.html", context, status=status)


@login_required
@require_safe
def delivery_export(
    request: HttpRequest, slug: str, pk: int, kind: str = "csv"
) -> HttpResponseBase:
    """Exactly the rows of the list with this filter, on all its pages, as CSV or XLSX."""
    occurrence = get_occurrence(request.user, slug, pk)
    form = PeopleFilter(request.GET)
    if not form.is_valid():
        return delivery_list(request, slug, pk)
    rows = deliveries(
        occurrence, state=form.cleaned_data["state"], words=form.cleaned_data["words"]
    )
    head = [
        _("Name"), _("Address"), _("State"), _("Reason"), _("Attempts"), _("Sent at"),
        _("Server's code"), _("Server's answer"), _("Text"),
    ]  # fmt: skip
    name = f"{slug}-{occurrence.message.key}-{pk}-{timezone.localdate().isoformat()}"
    try:
        return table_response(name, kind, head, cells(rows))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("communications:delivery_list", slug, pk)


def _link(kept: dict[str, str], name: str, key: int | None) -> str:
    return "" if key is None else f"?{urlencode({**kept, name: key})}"
