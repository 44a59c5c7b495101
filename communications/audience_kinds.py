"""Whom this room can tell by itself: a cohort, all participants, the stakeholders, those in IT,
those of a cohort who were told a date that no longer holds, and who came there from another cohort.
Beside people, channels in Teams.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from cohorts.models import Participant
from communications import audiences
from communications.models import TeamsChannel
from communications.queries.dated import ToldBefore, told_people
from projects.models import Project, Stakeholder

if TYPE_CHECKING:
    from accounts.models import User
    from communications.models import Occurrence

COHORT, EVERYONE, STAKEHOLDERS, IT_STAFF = "cohort", "everyone", "stakeholders", "it_staff"
TOLD, MOVED = "told", "moved"
CHANNELS = "channels"
OWN_KINDS = frozenset({COHORT, EVERYONE, STAKEHOLDERS, IT_STAFF, TOLD, MOVED, CHANNELS})
# Made for people of one cohort when it, or they, moved: never planned for all cohorts of a kind.
FOR_ONE_COHORT = (TOLD, MOVED)


class _Plain:
    """Nothing to prepare, nothing to say that the base placeholders do not say."""

    def prepare(self, occurrence: "Occurrence", at: datetime, acting_user: "User | None") -> None:
        return None

    def too_soon(
        self, occurrence: "Occurrence", recipient_pks: Sequence[int], at: datetime
    ) -> Mapping[int, str]:
        return {}

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


class ToldAudience(_Plain):
    """Active members of the cohort who were told its date before it moved; see ``queries.dated``.

    Its params were written when it moved: "moved_at", the "occurrences" that named the date, and
    the "deliveries" of which nobody could say at that moment when they were sent.
    """

    def people(self, occurrence: "Occurrence", at: datetime) -> QuerySet[Participant]:
        before = ToldBefore.of_params(occurrence.message.audience_params)
        if occurrence.cohort_id is None or before is None:
            return Participant.objects.none()
        return told_people(occurrence.cohort_id, before)


class MovedAudience(_Plain):
    """Active members of the cohort who have a row: ``services.new_dates`` writes one for each
    person who comes from another cohort."""

    def people(self, occurrence: "Occurrence", at: datetime) -> QuerySet[Participant]:
        return Participant.objects.active().filter(
            memberships__cohort=occurrence.cohort_id, deliveries__occurrence=occurrence.pk
        )


class ChannelAudience(_Plain):
    """The channels in ``params["channels"]``; none means nobody. One row for each, whatever the
    cohort: it is the cohort's facts that the card tells."""

    def people(self, occurrence: "Occurrence", at: datetime) -> QuerySet[TeamsChannel]:
        chosen = list(occurrence.message.audience_params.get("channels", []))
        if not chosen:
            return TeamsChannel.objects.none()
        return TeamsChannel.objects.filter(project=occurrence.project_id, pk__in=chosen)


def params_of(project: Project, kind: str) -> dict[str, list[str]]:
    """What ``kind`` needs to know of ``project``.

    IT staff are the roles outside the playbook's first group, which is those who decide.
    """
    if kind != IT_STAFF:
        return {}
    roles = project.playbook_snapshot.get("roles") or [{}]
    deciders = roles[0].get("group")
    return {"roles": [role["code"] for role in roles if role.get("group") != deciders]}


def register_own() -> None:
    """Called once, when the app is ready."""
    audiences.register(COHORT, CohortAudience())
    audiences.register(EVERYONE, EveryoneAudience())
    audiences.register(STAKEHOLDERS, StakeholderAudience())
    audiences.register(IT_STAFF, RoleAudience())
    audiences.register(TOLD, ToldAudience())
    audiences.register(MOVED, MovedAudience())
    audiences.register(CHANNELS, ChannelAudience())
