"""People of the demo who need a little more: a white glove for three, no mail for one."""

from datetime import timedelta

from django.utils.timezone import now

from accounts.models import User
from cohorts.enums import CohortStatus, ParticipantStatus
from cohorts.models import Participant
from cohorts.services.people import set_white_glove
from communications.services.suppressions import suppress
from projects.models import Project

PARENTAL_LEAVE = timedelta(weeks=8)


def care_for_people(project: Project, manager: User) -> None:
    """Of those whose switch is still to come, by name."""
    waiting = Participant.objects.filter(
        project=project,
        status=ParticipantStatus.ACTIVE,
        memberships__cohort__status=CohortStatus.PLANNED,
        is_white_glove=False,
    ).select_related("project")
    chosen = list(waiting.order_by("display_name", "pk")[:4])
    for person in chosen[:3]:
        set_white_glove(participant=person, is_white_glove=True, acting_user=manager)
    for person in chosen[3:]:
        suppress(
            address=person.address,
            reason="On parental leave, asked for no mail",
            until=now() + PARENTAL_LEAVE,
            project=project,
            acting_user=manager,
        )
