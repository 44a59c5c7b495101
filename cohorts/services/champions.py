"""Champions: people who show their colleagues how it works. They sign up and step back freely."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.models import Participant
from cohorts.services.moving import lock_person
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def set_champion(
    *, participant: Participant, is_champion: bool, acting_user: "User | None", at: datetime
) -> Participant:
    """``acting_user`` None: the person themselves. Saying it twice changes nothing.

    Raises DeferralError for somebody who has left.
    """
    require_open(participant.project)
    person = lock_person(participant)
    if (person.champion_since is not None) == is_champion:
        return person
    person.champion_since = at if is_champion else None
    person.save(update_fields=["champion_since"])
    sentence = (
        _("One person is a champion now.") if is_champion else _("One champion stepped back.")
    )
    events.record(
        project=person.project,
        verb="participant.champion",
        sentence=sentence,
        acting_user=acting_user,
        subject=person,
        data={"is_champion": is_champion},
    )
    return person
