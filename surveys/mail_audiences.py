"""Who gets a survey's mails and what only surveys can say in them: the personal link, the end.

Fills the port ``communications.audiences``. The kinds carry ``{"survey": key}`` in their params;
together with the occurrence's cohort that names one survey.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Participant
from common import links
from communications.models import Occurrence
from surveys.models import Invitation, Survey
from surveys.queries.people import people_of, people_to_remind, survey_of, written_lately
from surveys.services.opening import prepare_invitation
from surveys.visits import PURPOSE
from surveys.windows import closing_instant
from surveys.wording import moment_words

if TYPE_CHECKING:
    from accounts.models import User

Values = Mapping[int, Mapping[str, str]]


def address_of(path: str) -> str:
    """Absolute: workers have no request to take the host from."""
    return f"{settings.SITE_URL}{path}"


def survey_link(invitation: Invitation) -> str:
    """The personal address. Only mails carry it; it is never logged or shown to others."""
    token = links.token(PURPOSE, invitation.public_id, invitation.generation)
    return address_of(reverse("survey:enter", args=[token]))


class SurveyMail:
    """What invitation and reminder have in common: the values."""

    def too_soon(
        self, occurrence: Occurrence, recipient_pks: Sequence[int], at: datetime
    ) -> Mapping[int, str]:
        """Nobody gets two mails of one survey within ``GAP``, however late one of them leaves."""
        survey = survey_of(occurrence)
        if survey is None:
            return {}
        reason = _("had another mail of this survey within a day")
        return dict.fromkeys(written_lately(survey, occurrence, recipient_pks, at), reason)

    def values(self, occurrence: Occurrence, recipient_pks: Sequence[int]) -> Values:
        """Two queries whatever the number of people; who has no invitation has no values."""
        survey = survey_of(occurrence)
        if survey is None or survey.closes_at is None:
            return {}
        closes = moment_words(survey.closes_at, survey.cohort.timezone)
        invitations = Invitation.objects.filter(
            survey=survey, participant__in=list(recipient_pks)
        ).only("participant_id", "public_id", "generation")
        return {
            invitation.participant_id: {
                "survey_link": survey_link(invitation),
                "survey_closes": closes,
            }
            for invitation in invitations
        }

    def sample_values(self, occurrence: Occurrence, recipient_pk: int) -> Mapping[str, str]:
        """The link of a preview leads to the preview of the survey, which needs an account."""
        survey = survey_of(occurrence)
        if survey is None:
            return {"survey_link": address_of("/"), "survey_closes": "–"}
        path = reverse("surveys:survey_preview", args=[survey.project.slug, survey.pk])
        return {"survey_link": address_of(path), "survey_closes": _closes(survey, occurrence)}


class SurveyInvited(SurveyMail):
    """The active people of the cohort. Sending the invitation opens the survey."""

    def people(self, occurrence: Occurrence, at: datetime) -> QuerySet[Participant]:
        survey = survey_of(occurrence)
        if survey is None or (survey.ended_at is not None and not survey.is_open(at)):
            return Participant.objects.none()
        return people_of(survey.cohort)

    def prepare(self, occurrence: Occurrence, at: datetime, acting_user: "User | None") -> None:
        survey = survey_of(occurrence)
        if survey is not None:
            prepare_invitation(survey=survey, acting_user=acting_user, at=at)


class SurveyUnanswered(SurveyMail):
    """Those of the invited who are still active and have not answered, while it is open."""

    def people(self, occurrence: Occurrence, at: datetime) -> QuerySet[Participant]:
        return people_to_remind(survey_of(occurrence), at)

    def prepare(self, occurrence: Occurrence, at: datetime, acting_user: "User | None") -> None:
        """Nothing: a reminder opens no survey and invites nobody new."""


def _closes(survey: Survey, occurrence: Occurrence) -> str:
    zone = survey.cohort.timezone
    if survey.closes_at is not None:
        return moment_words(survey.closes_at, zone)
    opens_at = occurrence.due_at or timezone.now()
    return moment_words(closing_instant(opens_at, survey.open_days, zone), zone)
