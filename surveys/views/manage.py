"""A project's surveys: what is open, who answered, opening, closing, wording, preview."""

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.queries.gates import gate_note
from common.exceptions import DomainError
from common.http import show_refusal
from projects.models import Project
from surveys.access import get_managed_survey, get_project, get_survey
from surveys.enums import SurveyStatus
from surveys.forms import OpenForm, WordingForm, blank_form
from surveys.models import Survey
from surveys.queries.numbers import surveys_with_counts
from surveys.queries.people import first_to_ask
from surveys.queries.results import question_results
from surveys.services.closing import close_survey
from surveys.services.opening import open_survey
from surveys.services.surveys import update_wording
from surveys.views.public_pages import form_context
from surveys.windows import closing_instant
from surveys.wording import moment_words


@login_required
@require_safe
def survey_list(request: HttpRequest, slug: str) -> HttpResponse:
    return list_page(request, get_project(request.user, slug))


def list_page(request: HttpRequest, project: Project, status: int = HTTPStatus.OK) -> HttpResponse:
    context = {"project": project, "surveys": surveys_with_counts(project)}
    return render(request, "surveys/survey_list.html", context, status=status)


@login_required
@require_safe
def survey_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return detail_page(request, get_survey(request.user, slug, pk))


def detail_page(request: HttpRequest, survey: Survey, status: int = HTTPStatus.OK) -> HttpResponse:
    context = {
        "project": survey.project,
        "survey": survey,
        "results": question_results(survey),
        "would_close": would_close(survey),
        "first_to_ask": first_to_ask(survey) if survey.status == SurveyStatus.DRAFT else [],
        "gate_note": gate_note(survey.cohort, timezone.now())
        if survey.status == SurveyStatus.DRAFT
        else "",
    }
    return render(request, "surveys/survey_detail.html", context, status=status)


def would_close(survey: Survey) -> str:
    """When a draft would close if it were opened now."""
    if survey.status != SurveyStatus.DRAFT:
        return ""
    zone = survey.cohort.timezone
    return moment_words(closing_instant(timezone.now(), survey.open_days, zone), zone)


@login_required
@require_POST
def survey_open(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    survey = get_managed_survey(request.user, slug, pk)
    form = OpenForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Press the button once more: its number did not arrive."))
        return detail_page(request, get_survey(request.user, slug, pk), 422)
    people = form.cleaned_data["people"]
    try:
        open_survey(survey=survey, acting_user=request.user, at=timezone.now(), seen_people=people)
    except DomainError as error:
        status = show_refusal(request, error)
        return detail_page(request, get_survey(request.user, slug, pk), status)
    messages.success(request, _("The survey is open. The invitations are on their way."))
    return redirect("surveys:survey_detail", slug, pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def survey_close(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """GET asks and says what closing does, POST closes."""
    survey = get_managed_survey(request.user, slug, pk)
    if request.method != "POST":
        context = {
            "project": survey.project,
            "survey": survey,
            "missing": survey.invited - survey.answered,
        }
        return render(request, "surveys/survey_close.html", context)
    try:
        close_survey(survey=survey, acting_user=request.user, at=timezone.now())
    except DomainError as error:
        status = show_refusal(request, error)
        return detail_page(request, get_survey(request.user, slug, pk), status)
    messages.success(request, _("The survey is closed. No more reminders go out."))
    return redirect("surveys:survey_detail", slug, pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def survey_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    survey = get_managed_survey(request.user, slug, pk)
    questions = list(survey.questions.all())
    form = WordingForm(survey, questions, request.POST if request.method == "POST" else None)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                update_wording(survey=survey, acting_user=request.user, **form.wording())
            except DomainError as error:
                status = HTTPStatus(show_refusal(request, error))
            else:
                messages.success(request, _("The wording is saved."))
                return redirect("surveys:survey_detail", slug, pk)
    context = {"project": survey.project, "survey": survey, "form": form}
    return render(request, "surveys/survey_edit.html", context, status=status)


@login_required
@require_safe
def survey_preview(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The page as people see it; it can be filled in, but there is nothing to send."""
    survey = get_survey(request.user, slug, pk)
    context = form_context(survey, blank_form(survey))
    context["closes"] = context["closes"] or would_close(survey)
    return render(request, "surveys/survey_preview.html", context)
