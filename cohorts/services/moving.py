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

    Whoever comes back to the cohort they were deferred from is not deferred any more. Raises
    Conflict where the person has switched or was moved meanwhile, CohortFull without a place.
    """
    left = membership.cohort
    open_for_joining(cohort)
    fresh = Membership.objects.select_for_update().filter(pk=membership.pk, cohort=left).first()
    if fresh is None or fresh.switched_at is not None:
        raise Conflict(_("This person has switched or was moved meanwhile. Reload the page."))
    origin = fresh.deferred_from_id
    if placed_by == Placement.DEFERRAL:
        origin = origin or left.pk
    upsert(cohort, ONE, [membership.participant_id])
    Membership.objects.filter(pk=membership.pk).update(
        placed_by=placed_by,
        placement_note=note[:200],
        deferred_from=None if origin == cohort.pk else origin,
    )
    membership.refresh_from_db()
    return membership
