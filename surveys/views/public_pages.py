"""What a person who was asked sees: the form, thanks, that it is closed. Rendering only."""

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from surveys.enums import QuestionKind, SurveyStatus
from surveys.forms import AnswerForm, Asked, blank_form
from surveys.models import Invitation, Question, Survey
from surveys.visits import Visit
from surveys.wording import moment_words


def unknown(request: HttpRequest, status: HTTPStatus = HTTPStatus.NOT_FOUND) -> HttpResponse:
    """The same page for every link that is not, or no longer, one of ours."""
    return render(request, "surveys/public_unknown.html", status=status)


def form(
    request: HttpRequest,
    visit: Visit,
    invitation: Invitation,
    filled: AnswerForm,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    survey = invitation.survey
    context = form_context(survey, filled) | {
        "visit": visit.mark,
        "is_late": not survey.is_open(timezone.now()),
    }
    return render(request, "surveys/public_form.html", context, status=status)


def form_context(survey: Survey, filled: AnswerForm) -> dict[str, object]:
    """What the questions need, for people and for the preview of a manager."""
    ends_at = survey.closes_at
    return {
        "survey": survey,
        "form": filled,
        "asked": list(filled.asked()),
        "answered": filled.answered(),
        "minutes": minutes(filled.questions),
        "closes": moment_words(ends_at, survey.cohort.timezone) if ends_at else "",
    }


def minutes(questions: Sequence[Question]) -> int:
    """A round guess for the first line: three choices a minute, a text takes one by itself."""
    seconds = sum(60 if q.kind == QuestionKind.TEXT else 20 for q in questions)
    return max(1, round(seconds / 60))


def thanks(
    request: HttpRequest,
    visit: Visit,
    invitation: Invitation,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    survey, received_at = invitation.survey, invitation.answered_at
    zone = survey.cohort.timezone
    context = {
        "survey": survey,
        "received_on": received_at.date() if received_at else None,
        "received": moment_words(received_at, zone) if received_at else "",
        "may_change": not survey.is_anonymous and survey.is_open(timezone.now()),
        "visit": visit.mark,
    }
    return render(request, "surveys/public_thanks.html", context, status=status)


def closed(
    request: HttpRequest,
    invitation: Invitation,
    status: HTTPStatus = HTTPStatus.OK,
    asked: Sequence[Asked] = (),
) -> HttpResponse:
    """Too late. Whatever was typed is shown, so that nobody has to remember it."""
    context = {
        "survey": invitation.survey,
        "has_opened": invitation.survey.status != SurveyStatus.DRAFT,
        "typed": [one for one in asked if one.words],
    }
    return render(request, "surveys/public_closed.html", context, status=status)


def other_person(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """The cookie belongs to somebody else than the form: a second link was opened meanwhile."""
    filled = blank_form(invitation.survey, request.POST)
    context = {
        "survey": invitation.survey,
        "typed": [one for one in filled.asked() if one.words],
    }
    return render(request, "surveys/public_other.html", context, status=HTTPStatus.CONFLICT)
