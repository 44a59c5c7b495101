"""The list of drift as CSV or XLSX: exactly who the list shows, on all its pages."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cohorts.forms.modes import DriftForm
from cohorts.queries.drift_export import DRIFT_HEADER, drift_rows
from cohorts.views.modes import modes_list
from common.exceptions import DomainError
from common.export import table_response
from projects.access import get_project


@login_required
@require_safe
def drift_export(request: HttpRequest, slug: str, kind: str = "csv") -> HttpResponseBase:
    project = get_project(request.user, slug)
    form = DriftForm(request.GET, project=project)
    if not form.is_valid():
        return modes_list(request, slug)
    day = timezone.localdate().isoformat()
    name = _("drift-%(slug)s-%(day)s") % {"slug": project.slug, "day": day}
    try:
        return table_response(name, kind, DRIFT_HEADER, drift_rows(project, form.chosen()))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("cohorts:modes_list", slug)
