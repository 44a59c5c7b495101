"""Takes answers: kept while somebody types, received once, taken back while a survey is named.

Answers come in clean, as ``forms.AnswerForm`` makes them. No Event is written for an answer: there
may be a million, and an anonymous one must leave no trace of who gave it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common.doorbell import ring
from communications.services.outbox import withdraw
from surveys.exceptions import AlreadyAnswered, SurveyNotOpen
from surveys.models import Invitation, Response, Survey
from surveys.queries.people import mails_of

Answers = Mapping[str, Any]
MEASURE = "projects.tasks.measure_project_goals"


@transaction.atomic
def save_draft(
    *, invitation: Invitation, answers: Answers, at: datetime, begun_at: datetime | None = None
) -> Invitation:
    """Keep what was typed so far, to go on later or on another device.

    Raises AlreadyAnswered and SurveyNotOpen as ``submit_response`` does.
    """
    locked = _unanswered(invitation)
    _refuse_closed(locked, at, begun_at)
    locked.draft = dict(answers)
    locked.started_at = locked.started_at or begun_at or at
    locked.save(update_fields=["draft", "started_at"])
    return locked


@transaction.atomic
def submit_response(
    *, invitation: Invitation, answers: Answers, at: datetime, begun_at: datetime | None = None
) -> Response:
    """Receive the answers of one person, once, and take back the mails that would still remind.

    ``begun_at`` is when the person opened the page: who began before the end of the survey may
    finish within a day. Raises AlreadyAnswered for a second submit and SurveyNotOpen after that.
    """
    locked = _unanswered(invitation)
    _refuse_closed(locked, at, begun_at)
    survey = locked.survey
    # An anonymous answer carries no person and no hour, and leaves none at the invitation either.
    received_at = _day(at) if survey.is_anonymous else at
    response = Response.objects.create(
        survey=survey,
        is_anonymous=survey.is_anonymous,
        invitation=None if survey.is_anonymous else locked,
        answers=dict(answers),
        submitted_at=received_at,
    )
    locked.answered_at, locked.draft = received_at, {}
    locked.save(update_fields=["answered_at", "draft"])
    _withdraw_mails(survey, locked.participant_id)
    ring(MEASURE, survey.project_id)
    return response


@transaction.atomic
def take_back_response(*, invitation: Invitation, at: datetime) -> Invitation:
    """Turn a named response back into a draft while the survey is open: the button was pressed too
    early. Raises SurveyNotOpen for an anonymous survey (nobody knows which answer it was) and
    after closing."""
    locked = _locked(invitation)
    response = Response.objects.filter(invitation=locked).first()
    if response is None or not locked.survey.is_open(at):
        raise SurveyNotOpen(_("These answers can no longer be changed."))
    locked.draft, locked.answered_at = response.answers, None
    locked.started_at = locked.started_at or at
    locked.save(update_fields=["draft", "answered_at", "started_at"])
    response.delete()
    ring(MEASURE, locked.survey.project_id)
    return locked


def _locked(invitation: Invitation) -> Invitation:
    """The row under lock: of two submits at once the second waits and sees the first's answer."""
    return (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("survey")
        .get(pk=invitation.pk)
    )


def _unanswered(invitation: Invitation) -> Invitation:
    locked = _locked(invitation)
    if locked.answered_at is not None:
        raise AlreadyAnswered(_("We already have your answers. Thank you, nothing more to do."))
    return locked


def _refuse_closed(invitation: Invitation, at: datetime, begun_at: datetime | None) -> None:
    if not invitation.may_be_answered(at, begun_at):
        raise SurveyNotOpen(_("This survey is closed, so your answers can no longer be received."))


def _withdraw_mails(survey: Survey, participant_id: int) -> None:
    # Orders itself with a worker that is collecting people for a reminder, see `withdraw`. The
    # ledger has names: its reason must not tell who has answered an anonymous survey.
    withdraw(
        reason=_("no longer needed"),
        participant_ids=[participant_id],
        occurrence_ids=list(mails_of(survey).values_list("pk", flat=True)),
    )


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
