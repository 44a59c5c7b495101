"""Personal links of participants: makes the old ones invalid. Derived, so nothing is deleted."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cohorts.models import Participant
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def revoke_links(*, participant: Participant, acting_user: "User") -> Participant:
    """Links to the person's own page in mails sent so far open nothing any more, and who had the
    page open is sent away. Mails sent from now on carry a new one."""
    require_open(participant.project)
    Participant.objects.filter(pk=participant.pk).update(link_generation=F("link_generation") + 1)
    participant.refresh_from_db(fields=["link_generation"])
    events.record(
        project=participant.project,
        verb="participant.links_revoked",
        sentence=_("The personal links of one person were made invalid."),
        acting_user=acting_user,
        subject=participant,
    )
    return participant
