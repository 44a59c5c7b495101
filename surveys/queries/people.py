"""Who is asked by a survey, as querysets: the same for counting, inviting and mailing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from cohorts.models import Cohort, Participant, ParticipantQuerySet
from communications.enums import DeliveryState
from communications.models import Delivery, Occurrence
from communications.queries.reach import EXAMPLES
from surveys.models import Invitation, Survey

# Between two mails of one survey to one person. Less than a day, so that reminders a day apart both
# leave though one of them was slow.
GAP = timedelta(hours=20)
ON_ITS_WAY = (DeliveryState.CLAIMED, DeliveryState.SENDING, DeliveryState.UNCERTAIN)


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


def written_lately(
    survey: Survey, occurrence: Occurrence, participants: Sequence[int], at: datetime
) -> list[int]:
    """Those of ``participants`` whom another mail of the survey reached within GAP before ``at``,
    or for whom one that was due before ``occurrence`` still waits. One query."""
    others = mails_of(survey).exclude(pk=occurrence.pk)
    earlier = Q(occurrence__due_at__lt=occurrence.due_at) | Q(
        occurrence__due_at=occurrence.due_at, occurrence__lt=occurrence.pk
    )
    rows = Delivery.objects.filter(
        Q(state=DeliveryState.SENT, sent_at__gt=at - GAP)
        | Q(state__in=ON_ITS_WAY, not_before__gt=at - GAP)
        | Q(earlier, state=DeliveryState.QUEUED),
        occurrence__in=others,
        participant__in=list(participants),
    )
    return list(rows.order_by().values_list("participant", flat=True).distinct())


def mails_of(survey: Survey) -> QuerySet[Occurrence]:
    """Occurrences of the survey's invitation and reminders, whatever their state."""
    return Occurrence.objects.filter(
        project_id=survey.project_id,
        cohort_id=survey.cohort_id,
        message__key__in=[survey.invitation_message, survey.reminder_message],
    )
