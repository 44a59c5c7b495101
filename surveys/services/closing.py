"""Closes surveys, by hand or because their time is over, and takes back mails that still ask."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from common.exceptions import StaleState
from common.state import change_status
from communications.services.cancelling import cancel_all
from projects.models import Project
from projects.services.events import record
from surveys.enums import SURVEY_TRANSITIONS, SurveyStatus
from surveys.models import Invitation, Survey
from surveys.queries.people import mails_of
from surveys.windows import GRACE

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def close_survey(*, survey: Survey, acting_user: "User | None", at: datetime) -> Survey:
    """Close an open survey; ``acting_user`` None is the clock.

    Invitations and reminders that have not left are cancelled in the same transaction. Who began
    before the end may still send what was typed, see ``responses``. Raises StaleState for a survey
    that is not open.
    """
    cancel_all(occurrences=mails_of(survey), acting_user=acting_user)
    change_status(survey, SurveyStatus.CLOSED, transitions=SURVEY_TRANSITIONS, closed_at=at)
    record(
        project=survey.project,
        verb="survey.closed",
        sentence=_("“%(survey)s” was closed for %(cohort)s.")
        % {"survey": survey.title, "cohort": survey.cohort},
        acting_user=acting_user,
        subject=survey,
    )
    return survey


def forget_drafts(*, at: datetime) -> int:
    """Empty what was typed but never sent, once nobody can send it any more; returns how many.

    A draft stands beside a name, so that of an anonymous survey must not outlive it.
    """
    over = Survey.objects.filter(status=SurveyStatus.CLOSED, closed_at__lte=at - GRACE)
    return Invitation.objects.with_draft().filter(survey__in=over).update(draft={})


def close_due_surveys(*, at: datetime, project: Project | None = None) -> int:
    """Close every survey (of ``project``) whose time was over at ``at``; returns how many.

    Each for itself, so one that somebody closes at the same moment holds up no other.
    """
    closed = 0
    over = Survey.objects.past_closing(at).select_related("project", "cohort")
    for survey in over if project is None else over.filter(project=project):
        try:
            close_survey(survey=survey, acting_user=None, at=at)
        except StaleState:
            continue
        closed += 1
    return closed
