"""Moves one person into another cohort of the same kind: what a deferral and a choice share.

Call it inside a transaction. The mails of the old cohort are taken back by the database.
"""

from django.utils.translation import gettext as _

from cohorts.enums import ParticipantStatus, Placement
from cohorts.exceptions import DeferralError
from cohorts.models import Cohort, Membership, Participant
from cohorts.services.members import open_for_joining, upsert
from common.exceptions import Conflict

ONE = "SELECT %s::bigint"


def lock_person(participant: Participant) -> Participant:
    """The person as they are now, so that two requests for them come one after the other.

    Not against foreign keys: a worker that collects people would wait for us while it holds what
    we need next. Raises DeferralError for somebody who has left.
    """
    rows = Participant.objects.select_for_update(no_key=True).select_related("project")
    locked = rows.get(pk=participant.pk)
    if locked.status != ParticipantStatus.ACTIVE:
        raise DeferralError(_("This person has left, so there is no date to change."))
    return locked


def move_person(
    *, membership: Membership, cohort: Cohort, placed_by: Placement, note: str
) -> Membership:
    """Put the person of ``membership`` into ``cohort``, whose kind is the same.

    Raises Conflict where the person has switched or was moved meanwhile, CohortFull without a
    place.
    """
    open_for_joining(cohort)
    rows = Membership.objects.select_for_update().filter(pk=membership.pk)
    still = rows.filter(cohort=membership.cohort_id, switched_at=None)
    if still.first() is None:
        raise Conflict(_("This person has switched or was moved meanwhile. Reload the page."))
    upsert(cohort, ONE, [membership.participant_id], placed_by=placed_by, note=note)
    membership.refresh_from_db()
    return membership
