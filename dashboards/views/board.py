"""The cohort board, over all projects of the reader or of one; the same rows as a table."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from common.export import table_response
from dashboards.burnup import burnup_picture
from dashboards.forms import BoardForm
from dashboards.queries.board import Board, BoardFilter, board, board_projects, months_of
from dashboards.rows import board_table
from projects.access import get_project
from projects.models import Project

HEADER = (
    gettext_lazy("Project"),
    gettext_lazy("Cohort"),
    gettext_lazy("Kind"),
    gettext_lazy("Status"),
    gettext_lazy("Switch"),
    gettext_lazy("People"),
    gettext_lazy("Verified"),
    gettext_lazy("Switched"),
    gettext_lazy("Told"),
    gettext_lazy("Planned"),
    gettext_lazy("Deferred"),
    gettext_lazy("Blocked"),
    gettext_lazy("Of whom deferred"),
)


@login_required
@require_safe
def cohort_board(request: HttpRequest) -> HttpResponse:
    return _page(request, None)


@login_required
@require_safe
def project_board(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, get_project(request.user, slug))


@login_required
@require_safe
def cohort_board_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    return _download(request, None, kind)


@login_required
@require_safe
def project_board_export(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    return _download(request, get_project(request.user, slug), kind)


def _page(request: HttpRequest, project: Project | None) -> HttpResponse:
    projects, form = _form(request, project)
    is_valid = form.is_valid()
    found = board(projects, form.wanted() if is_valid else BoardFilter())
    query = form.query()
    context: dict[str, Any] = {
        "project": project,
        "form": form,
        "table": board_table(found),
        "query": query,
        "clear_url": request.path if query or not is_valid else "",
        "csv_url": _export_url(project, "csv", query),
        "xlsx_url": _export_url(project, "xlsx", query),
    }
    if project is None:
        return render(request, "dashboards/cohort_board.html", context, status=_status(is_valid))
    # The whole project, whatever rows the filter shows.
    every = board([project], BoardFilter()) if query else found
    context["burnup"] = burnup_picture(project, every.rows, timezone.now())
    return render(request, "dashboards/project_board.html", context, status=_status(is_valid))


def _status(is_valid: bool) -> int:
    return 200 if is_valid else 422


def _download(request: HttpRequest, project: Project | None, kind: str) -> HttpResponseBase:
    """Exactly the rows of the board with this filter."""
    projects, form = _form(request, project)
    if not form.is_valid():
        return _page(request, project)
    name = project.slug if project else _("all")
    day = timezone.localdate().isoformat()
    filename = _("cohort-board-%(name)s-%(day)s") % {"name": name, "day": day}
    return table_response(filename, kind, HEADER, _rows(board(projects, form.wanted())))


def _form(request: HttpRequest, project: Project | None) -> tuple[Sequence[Project], BoardForm]:
    projects = [project] if project else list(board_projects(request.user))
    choices = [] if project else projects
    return projects, BoardForm(request.GET, projects=choices, months=months_of(projects))


def _rows(found: Board) -> Iterator[tuple[object, ...]]:
    for group in found.groups:
        for row in group.rows:
            cohort, counts = row.cohort, row.counts
            yield (
                group.project.name,
                cohort.name,
                cohort.get_kind_display(),
                cohort.get_status_display(),
                cohort.switch_on,
                counts.people,
                counts.verified,
                counts.switched_only,
                counts.told_only,
                counts.planned_only,
                counts.deferred_only,
                counts.blocked_only,
                counts.deferred,
            )


def _export_url(project: Project | None, kind: str, query: str) -> str:
    if project:
        address = reverse("dashboards:project_board_export", args=[project.slug, kind])
    else:
        address = reverse("dashboards:cohort_board_export", args=[kind])
    return f"{address}?{query}" if query else address
