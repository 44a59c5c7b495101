"""Lifecycle of a survey, kinds of questions."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SurveyStatus(TextChoices):
    DRAFT = "draft", _("not open yet")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


SURVEY_TRANSITIONS = {
    SurveyStatus.DRAFT: {SurveyStatus.OPEN},
    SurveyStatus.OPEN: {SurveyStatus.CLOSED},
    SurveyStatus.CLOSED: {SurveyStatus.OPEN},
}


class QuestionKind(TextChoices):
    AGREE = "agree", _("agree, five points")
    NPS = "nps", _("recommend, 0 to 10")
    SINGLE = "single", _("one choice")
    MULTI = "multi", _("several choices")
    TEXT = "text", _("free text")
