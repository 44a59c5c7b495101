"""A visit to a survey: what the personal link is exchanged for, one cookie for each survey."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from common.links import Link
from common.visits import Visit, VisitCookie

__all__ = ["PURPOSE", "SALT", "Visit", "begin", "read"]

PURPOSE = "survey"
SALT = "surveys.visit"


def begin(response: HttpResponse, survey_pk: int, link: Link, at: datetime) -> None:
    """Set the cookie on ``response``."""
    _cookie(survey_pk).begin(response, link, at)


def read(request: HttpRequest, survey_pk: int) -> Visit | None:
    """The visit of this browser to this survey; None without a genuine cookie."""
    return _cookie(survey_pk).read(request)


def _cookie(survey_pk: int) -> VisitCookie:
    return VisitCookie(
        name=f"survey-{survey_pk}", salt=SALT, path=reverse("survey:answer", args=[survey_pk])
    )
