"""Moves of one person to another date, with what other rooms have to do about them.

The cohort's room decides and moves; whoever knew the old date is told the new one.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from cohorts.models import Cohort, Deferral, Membership, Participant
from cohorts.services import choices, deferrals
from communications.services.new_dates import tell_new_date

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def choose_date(*, participant: Participant, cohort: Cohort, at: datetime) -> Membership:
    """The person chooses ``cohort`` by their link. Raises as ``choose_cohort`` does."""
    membership = choices.choose_cohort(participant=participant, cohort=cohort, at=at)
    tell_new_date(participant=participant, cohort=membership.cohort, acting_user=None, at=at)
    return membership


@transaction.atomic
def approve_deferral(
    *,
    deferral: Deferral,
    to_cohort: Cohort,
    until: date,
    note: str,
    acting_user: "User",
    at: datetime,
) -> Deferral:
    """Raises as the cohorts' own service does."""
    approved = deferrals.approve_deferral(
        deferral=deferral,
        to_cohort=to_cohort,
        until=until,
        note=note,
        acting_user=acting_user,
        at=at,
    )
    tell_new_date(
        participant=deferral.participant, cohort=to_cohort, acting_user=acting_user, at=at
    )
    return approved


@transaction.atomic
def enter_deferral(
    *,
    participant: Participant,
    reason: str,
    until: date,
    to_cohort: Cohort,
    note: str,
    acting_user: "User",
    at: datetime,
) -> Deferral:
    """Raises as the cohorts' own service does."""
    approved = deferrals.enter_deferral(
        participant=participant,
        reason=reason,
        until=until,
        to_cohort=to_cohort,
        note=note,
        acting_user=acting_user,
        at=at,
    )
    tell_new_date(participant=participant, cohort=to_cohort, acting_user=acting_user, at=at)
    return approved
