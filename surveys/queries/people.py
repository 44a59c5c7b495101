"""Who is asked by a survey, as querysets: the same for counting, inviting and mailing."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from cohorts.models import Cohort, Participant, ParticipantQuerySet
from communications.models import Occurrence
from communications.queries.reach import EXAMPLES
from surveys.models import Invitation, Survey


def people_of(cohort: Cohort | None) -> ParticipantQuerySet:
    """Active members of the cohort; nobody without one."""
    people = Participant.objects.active()
    return people.in_cohort(cohort) if cohort is not None else people.none()


def first_to_ask(survey: Survey) -> list[Participant]:
    """The first three by name of those who would be invited. One query."""
    return list(people_of(survey.cohort).order_by("display_name", "pk")[:EXAMPLES])


def people_to_remind(survey: Survey | None, at: datetime) -> ParticipantQuerySet:
    """Active members who were invited and have not answered, while the survey is open at ``at``."""
    if survey is None or not survey.is_open(at):
        return Participant.objects.none()
    unanswered = Invitation.objects.filter(
        survey=survey, participant=OuterRef("pk"), answered_at__isnull=True
    )
    return people_of(survey.cohort).filter(Exists(unanswered))


def survey_of(occurrence: Occurrence) -> Survey | None:
    """The survey an invitation or reminder is about, with its cohort; None when there is none."""
    if occurrence.cohort_id is None:
        return None
    key = occurrence.message.audience_params.get("survey", "")
    return (
        Survey.objects.filter(cohort=occurrence.cohort_id, key=key)
        .select_related("cohort", "project")
        .first()
    )


def mails_of(survey: Survey) -> QuerySet[Occurrence]:
    """Occurrences of the survey's invitation and reminders, whatever their state."""
    return Occurrence.objects.filter(
        project_id=survey.project_id,
        cohort_id=survey.cohort_id,
        message__key__in=[survey.invitation_message, survey.reminder_message],
    )
