"""A person chooses another date among the cohorts that are open for it.

Places are kept by the database, whichever way people come in. Mail is none of its business.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.booking import may_choose, may_leave
from cohorts.enums import Placement
from cohorts.exceptions import DeferralError
from cohorts.models import Cohort, Membership, Participant
from cohorts.queries.deferrals import membership_ahead, open_deferral
from cohorts.services.deferrals import withdraw_deferral
from cohorts.services.moving import lock_person, move_person
from common.exceptions import Conflict
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def choose_cohort(
    *, participant: Participant, cohort: Cohort, at: datetime, acting_user: "User | None" = None
) -> Membership:
    """Move the person into ``cohort``. ``acting_user`` None: themselves, by their link.

    Raises DeferralError after the cut-off of either cohort, CohortFull without a place, Conflict
    where they are there already. A request for a deferral that waits is withdrawn.
    """
    require_open(participant.project)
    person = lock_person(participant)
    membership = membership_ahead(person)
    if membership is None:
        raise DeferralError(_("There is no switch ahead of you, so no date can be chosen."))
    left = membership.cohort
    _refuse_choice(left, cohort, at)
    waiting = open_deferral(person)
    if waiting is not None:
        withdraw_deferral(
            deferral=waiting, acting_user=acting_user, at=at, note=_("Chose a date instead.")
        )
    moved = move_person(
        membership=membership,
        cohort=cohort,
        placed_by=Placement.CHOICE,
        note=_("Chose it instead of “%(left)s”.") % {"left": left.name},
    )
    events.record(
        project=cohort.project,
        verb="cohort.chosen",
        sentence=_("One person chose “%(name)s” instead of “%(left)s”.")
        % {"name": cohort.name, "left": left.name},
        acting_user=acting_user,
        subject=cohort,
        data={"left": left.pk},
    )
    return moved


def _refuse_choice(left: Cohort, cohort: Cohort, at: datetime) -> None:
    if left.pk == cohort.pk:
        raise Conflict(_("This is your date already."))
    if (cohort.project_id, cohort.kind) != (left.project_id, left.kind):
        raise DeferralError(_("This date is not among those you can choose. Choose another one."))
    if not may_leave(left, at):
        raise DeferralError(_("Your date is too near to choose another one. Ask for a later date."))
    if not may_choose(cohort, at):
        raise DeferralError(_("This date can no longer be chosen. Choose another one."))
