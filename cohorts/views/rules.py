"""Rules that fill cohorts: the list, one rule, the preview of what they do, doing it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_own_account
from cohorts import access
from cohorts.forms.rules import LooksAtForm, PlacementForm, RuleChangeForm, RuleForm
from cohorts.models import CohortRule
from cohorts.planning import PlacementChoice
from cohorts.queries.rules import rule_rows, suggestions
from cohorts.services import rules as service
from cohorts.services.placement import apply_placement, plan_placement
from common.exceptions import DomainError
from common.http import show_refusal
from projects.access import get_managed_project, get_project
from projects.fingerprint import fingerprint
from projects.models import Project


@login_required
@require_safe
def rule_list(request: HttpRequest, slug: str) -> HttpResponse:
    return _list(request, get_project(request.user, slug))


def _list(request: HttpRequest, project: Project, status: int = 200) -> HttpResponse:
    context = {
        "project": project,
        "rows": rule_rows(project),
        "form": LooksAtForm(project=project) if project.is_managed else None,
        "nav": "cohorts:cohort_list",
    }
    return render(request, "cohorts/rule_list.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rule_add(request: HttpRequest, slug: str) -> HttpResponse:
    """What the rule looks at stands in the address."""
    project = get_managed_project(request.user, slug)
    asked = LooksAtForm(request.GET, project=project)
    if not asked.is_valid():
        messages.error(request, _("Choose what the rule looks at."))
        return _list(request, project, status=422)
    field, attribute = asked.wanted()
    form = RuleForm(request.POST or None, project=project, field=field, attribute=attribute)
    if request.method != "POST":
        return _edit(request, form, None)
    return _save(request, form, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rule_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    rule = access.get_managed_rule(request.user, slug, pk)
    given: dict[str, Any] = {
        "project": rule.project,
        "field": rule.field,
        "attribute": rule.attribute,
    }
    if request.method == "POST":
        return _save(request, RuleForm(request.POST, **given), rule)
    known = suggestions(rule.project, rule.field, rule.attribute)
    seen = fingerprint(rule, service.EDIT_FIELDS)
    initial = {**RuleForm.shown(rule, known), "seen": seen}
    return _edit(request, RuleForm(initial=initial, **given), rule)


def _save(request: HttpRequest, form: RuleForm, rule: CohortRule | None) -> HttpResponse:
    if not form.is_valid():
        return _edit(request, form, rule, status=422)
    given = {"cohort": form.chosen_cohort(), "draft": form.draft()}
    user = get_own_account(request.user)
    try:
        if rule is None:
            service.add_rule(**given, acting_user=user)
        else:
            seen = form.cleaned_data["seen"]
            service.update_rule(rule=rule, **given, seen=seen, acting_user=user)
    except DomainError as error:
        return _edit(request, form, rule, status=show_refusal(request, error))
    messages.success(request, _("The rule is saved. Nobody is moved before you apply the rules."))
    return redirect("cohorts:rule_list", form.project.slug)


def _edit(
    request: HttpRequest, form: RuleForm, rule: CohortRule | None, status: int = 200
) -> HttpResponse:
    context = {
        "project": form.project,
        "form": form,
        "rule": rule,
        "field": form.attribute or CohortRule(field=form.field).get_field_display(),
        "nav": "cohorts:cohort_list",
    }
    return render(request, "cohorts/rule_edit.html", context, status=status)


@login_required
@require_POST
def rule_change(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One of the buttons beside a rule: up, down, on, off, remove."""
    rule = access.get_managed_rule(request.user, slug, pk)
    form = RuleChangeForm(request.POST)
    if not form.is_valid():
        return _list(request, rule.project, status=422)
    try:
        _change(rule, form.cleaned_data["what"], request)
    except DomainError as error:
        return _list(request, rule.project, status=show_refusal(request, error))
    return redirect("cohorts:rule_list", slug)


def _change(rule: CohortRule, what: str, request: HttpRequest) -> None:
    user = get_own_account(request.user)
    if what == RuleChangeForm.REMOVE:
        service.remove_rule(rule=rule, acting_user=user)
        messages.success(request, _("The rule is removed. Whom it has placed stays."))
    elif what in (RuleChangeForm.ON, RuleChangeForm.OFF):
        service.turn_rule(rule=rule, is_on=what == RuleChangeForm.ON, acting_user=user)
    else:
        service.move_rule(rule=rule, direction=what, acting_user=user)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rule_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """What the rules would do; the POST carries the preview's digest and does exactly that."""
    project = get_managed_project(request.user, slug)
    form = PlacementForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return _preview(request, project, form, PlacementChoice(), status=422)
    choice = form.wanted()
    if request.method != "POST":
        return _preview(request, project, form, choice)
    try:
        placed = apply_placement(
            project=project,
            choice=choice,
            expected=form.cleaned_data["digest"],
            acting_user=get_own_account(request.user),
        )
    except DomainError as error:
        return _preview(request, project, form, choice, status=show_refusal(request, error))
    people = placed.joined + placed.moved
    sentence = ngettext(
        "Done: %(n)s person is where the rules say.",
        "Done: %(n)s people are where the rules say.",
        people,
    )
    messages.success(request, sentence % {"n": people})
    return redirect("cohorts:cohort_list", slug)


def _preview(
    request: HttpRequest,
    project: Project,
    form: PlacementForm,
    choice: PlacementChoice,
    status: int = 200,
) -> HttpResponse:
    plan = plan_placement(project=project, choice=choice)
    words = {row.rule.position: row for row in rule_rows(project)}
    context = {
        "project": project,
        "form": form,
        "plan": plan,
        "rows": [(words[figures.position], figures) for figures in plan.rules],
        "nav": "cohorts:cohort_list",
    }
    return render(request, "cohorts/rule_preview.html", context, status=status)
