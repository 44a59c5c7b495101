"""Whom this room can tell by itself: a cohort, all participants, the stakeholders, those in IT."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from cohorts.models import Participant
from communications import audiences
from projects.models import Stakeholder

if TYPE_CHECKING:
    from accounts.models import User
    from communications.models import Occurrence

COHORT, EVERYONE, STAKEHOLDERS, IT_STAFF = "cohort", "everyone", "stakeholders", "it_staff"
OWN_KINDS = frozenset({COHORT, EVERYONE, STAKEHOLDERS, IT_STAFF})


class _Plain:
    """Nothing to prepare, nothing to say that the base placeholders do not say."""

    def prepare(self, occurrence: "Occurrence", at: datetime, acting_user: "User | None") -> None:
        return None

    def values(
        self, occurrence: "Occurrence", recipient_pks: Sequence[int]
    ) -> Mapping[int, Mapping[str, str]]:
        return {}

    def sample_values(self, occurrence: "Occurrence", recipient_pk: int) -> Mapping[str, str]:
        return {}


class CohortAudience(_Plain):
    """Active members of the occurrence's cohort; without a cohort nobody."""

    def people(self, occurrence: "Occurrence", at: datetime) -> QuerySet[Participant]:
        if occurrence.cohort_id is None:
            return Participant.objects.none()
        return Participant.objects.active().filter(memberships__cohort=occurrence.cohort_id)


class EveryoneAudience(_Plain):
    """All active participants of the project."""

    def people(self, occurrence: "Occurrence", at: datetime) -> QuerySet[Participant]:
        return Participant.objects.active().filter(project=occurrence.project_id)


class StakeholderAudience(_Plain):
    """All stakeholders of the project."""

    def people(self, occurrence: "Occurrence", at: datetime) -> QuerySet[Stakeholder]:
        return Stakeholder.objects.filter(project=occurrence.project_id)


class RoleAudience(_Plain):
    """Stakeholders who hold one of the roles in ``params["roles"]``; no roles means nobody."""

    def people(self, occurrence: "Occurrence", at: datetime) -> QuerySet[Stakeholder]:
        roles = list(occurrence.message.audience_params.get("roles", []))
        if not roles:
            return Stakeholder.objects.none()
        return Stakeholder.objects.filter(project=occurrence.project_id, role_codes__overlap=roles)


def register_own() -> None:
    """Called once, when the app is ready."""
    audiences.register(COHORT, CohortAudience())
    audiences.register(EVERYONE, EveryoneAudience())
    audiences.register(STAKEHOLDERS, StakeholderAudience())
    audiences.register(IT_STAFF, RoleAudience())
