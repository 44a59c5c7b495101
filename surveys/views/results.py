"""Free texts page by page, and all answers as a file."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.export import csv_response
from surveys.access import get_survey, get_text_question
from surveys.forms import TextPageForm
from surveys.queries.results import export_rows, is_too_small, texts_page


@login_required
@require_safe
def survey_texts(request: HttpRequest, slug: str, pk: int, question: str) -> HttpResponse:
    """What people wrote to one question, newest first."""
    survey = get_survey(request.user, slug, pk)
    asked = get_text_question(survey, question)
    form = TextPageForm(request.GET)
    if not form.is_valid():
        sentence = _("This address does not lead to a page of answers. Begin at the first one.")
        return render(request, "400.html", {"sentence": sentence}, status=HTTPStatus.BAD_REQUEST)
    hidden = is_too_small(survey, survey.answered)
    page = None if hidden else texts_page(survey, asked, form.cleaned_data["before"])
    context = {
        "project": survey.project,
        "survey": survey,
        "question": asked,
        "is_hidden": hidden,
        "page": page,
        "next_url": f"?before={page.next_before}" if page and page.next_before else "",
    }
    return render(request, "surveys/survey_texts.html", context)


@login_required
@require_safe
def survey_export(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Answers without names, as CSV."""
    survey = get_survey(request.user, slug, pk)
    if is_too_small(survey, survey.answered):
        raise PermissionDenied(_("Too few people answered this anonymous survey to show answers."))
    questions = list(survey.questions.all())
    return csv_response(
        f"{survey.project.slug}-{survey.key}-{survey.cohort.position}.csv",
        [_("Received on"), *(question.text for question in questions)],
        export_rows(survey, questions),
    )
