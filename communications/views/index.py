"""What goes out: the next weeks as a calendar and a list, the whole list, all messages."""

from datetime import date, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from communications import calendar as calendars
from communications.access import get_project
from communications.forms import OccurrenceFilter, WindowForm, cursor
from communications.queries.board import Keep, board
from communications.queries.messages import PAGE, lines, page
from projects.queries.phases import phase_days

FILTERS = ("state", "cohort", "phase")


@login_required
@require_safe
def message_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_project(request.user, slug)
    form = WindowForm(request.GET, project=project)
    is_valid = form.is_valid()
    given = form.cleaned_data if is_valid else {}
    today = timezone.localdate()
    days = phase_days(project, given["phase"]) if given.get("phase") else None
    chosen = given.get("start") or _first_day(days, today)
    start = calendars.monday(_within_reason(chosen, today))
    keep = Keep(cohort=given.get("cohort"), state=given.get("state", ""), days=days)
    kept = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    context = {
        "project": project,
        "form": form,
        "kept": urlencode(kept),
        "board": board(project, start=start, at=timezone.now(), keep=keep),
        "is_current": start == calendars.monday(today),
        "nav": "communications:message_list",
    }
    status = HTTPStatus.OK if is_valid else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "communications/message_list.html", context, status=status)


def _first_day(days: tuple[date, date] | None, today: date) -> date:
    """Today, or the first day of a phase that is over or has not begun."""
    return today if days is None or days[0] <= today <= days[1] else days[0]


def _within_reason(day: date, today: date) -> date:
    """Days a calendar can still add four weeks to."""
    limit = timedelta(days=366 * 50)
    return min(max(day, today - limit), today + limit)


@login_required
@require_safe
def occurrence_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_project(request.user, slug)
    form = OccurrenceFilter(request.GET, project=project)
    is_valid = form.is_valid()
    rows = list(page(project, **form.cleaned_data)) if is_valid else []
    shown = rows[:PAGE]
    next_url = ""
    if len(rows) > PAGE:
        kept = {k: request.GET[k] for k in ("state", "cohort") if request.GET.get(k)}
        last = cursor(shown[-1].due_at, shown[-1].pk)
        next_url = f"?{urlencode({**kept, 'after': last})}"
    context = {
        "project": project,
        "form": form,
        "lines": lines(project, shown, timezone.now()),
        "next_url": next_url,
        "first_url": request.path if request.GET.get("after") else "",
        "is_filtered": bool(request.GET.get("state") or request.GET.get("cohort")),
        "nav": "communications:message_list",
    }
    status = HTTPStatus.OK if is_valid else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "communications/occurrence_list.html", context, status=status)
