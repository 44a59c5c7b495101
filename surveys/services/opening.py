"""Opens a survey: invitations are written, its invitation mail becomes due, reminders are planned.

Sending the invitation and opening the survey are one act, whichever of them a person does first.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.queries.gates import closed_gate
from common.state import change_status
from communications.models import Message
from communications.services.ordering import order_now, schedule_occurrence
from communications.services.seen import refuse_other_number
from projects.services.events import record
from surveys.enums import SURVEY_TRANSITIONS, SurveyStatus
from surveys.exceptions import NobodyToAsk
from surveys.models import Survey
from surveys.queries.people import people_of
from surveys.windows import closing_instant, reminder_instants

if TYPE_CHECKING:
    from accounts.models import User

INVITE = """
INSERT INTO surveys_invitation
    (survey_id, participant_id, public_id, generation, invited_at, draft)
SELECT %s, person.id, gen_random_uuid(), 1, %s, '{{}}'
FROM ({people}) AS person (id)
ORDER BY person.id
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def open_survey(
    *, survey: Survey, acting_user: "User", at: datetime, seen_people: int | None = None
) -> Survey:
    """Open a draft for its cohort and make its invitation mail due now.

    Raises StaleState when it is open already or was closed, NobodyToAsk for an empty cohort,
    Conflict where ``seen_people`` is not how many are in it, and what ordering the invitation
    refuses.
    """
    people = people_of(survey.cohort).count()
    if not people:
        raise NobodyToAsk(
            _("%(cohort)s has no people yet. Add people to it, then open the survey.")
            % {"cohort": survey.cohort}
        )
    if survey.status == SurveyStatus.DRAFT:
        refuse_other_number(people, seen_people)
    # The occurrence's row is locked before the survey's, as it is when a worker expands the mail
    # and opens the survey from there: two orders of locking would be a deadlock.
    message = Message.objects.filter(project=survey.project, key=survey.invitation_message).first()
    if survey.status == SurveyStatus.DRAFT and message is not None:
        order_now(message=message, cohort=survey.cohort, acting_user=acting_user, at=at)
    return _start(survey, acting_user, at)


@transaction.atomic
def prepare_invitation(*, survey: Survey, acting_user: "User | None", at: datetime) -> None:
    """The invitation mail is about to collect its people: open a draft, invite who joined since.

    Orders nothing, for the mail is on its way. A closed survey stays as it is.
    """
    if survey.status == SurveyStatus.DRAFT:
        _start(survey, acting_user, at)
    elif survey.is_open(at):
        invite_members(survey, at)


def invite_members(survey: Survey, at: datetime) -> int:
    """An invitation for each active member who has none yet; returns how many were added."""
    people, params = people_of(survey.cohort).order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(INVITE.format(people=people), [survey.pk, at, *params])
        return int(cursor.rowcount)


def _start(survey: Survey, acting_user: "User | None", at: datetime) -> Survey:
    closes_at = closing_instant(at, survey.open_days, survey.cohort.timezone)
    change_status(
        survey,
        SurveyStatus.OPEN,
        transitions={SurveyStatus.DRAFT: SURVEY_TRANSITIONS[SurveyStatus.DRAFT]},
        opened_at=at,
        closes_at=closes_at,
    )
    invited = invite_members(survey, at)
    _schedule_reminders(survey, acting_user)
    sentence = ngettext(
        "“%(survey)s” was opened for %(cohort)s: %(n)s person is invited.",
        "“%(survey)s” was opened for %(cohort)s: %(n)s people are invited.",
        invited,
    )
    record(
        project=survey.project,
        verb="survey.opened",
        sentence=sentence % {"survey": survey.title, "cohort": survey.cohort, "n": invited},
        acting_user=acting_user,
        subject=survey,
        data={"invited": invited, "closes_at": closes_at.isoformat()} | _gate(survey, at),
    )
    return survey


def _gate(survey: Survey, at: datetime) -> dict[str, str]:
    """A closed go/no-go stops no survey; the record names it."""
    survey.cohort.project = survey.project
    return closed_gate(survey.cohort, at)


def _schedule_reminders(survey: Survey, acting_user: "User | None") -> None:
    """One approved occurrence each; one that could only fire after closing is left out."""
    message = Message.objects.filter(project=survey.project, key=survey.reminder_message).first()
    if message is None or survey.opened_at is None or survey.closes_at is None:
        return
    for number, due_at in reminder_instants(
        survey.opened_at, survey.reminder_days, survey.closes_at, survey.cohort.timezone
    ):
        schedule_occurrence(
            message=message,
            cohort=survey.cohort,
            anchor_key=f"cohort:{survey.cohort_id}:r{number}",
            due_at=due_at,
            acting_user=acting_user,
            is_approved=True,
        )
