"""Banners and posters: nobody sends them, so a person says when they are up. No row, no ledger."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from common.state import change_status
from communications.enums import ITEM_TRANSITIONS, ITEMS, OccurrenceState
from communications.exceptions import ItemRefused
from communications.models import Occurrence
from communications.services.approval import held, record_occurrence, refuse_cancelled, words
from communications.services.pipeline.clock import database_now
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def tick_item(*, occurrence: Occurrence, acting_user: "User") -> Occurrence:
    """It is done: by whom and when stands in the row and in the record. StaleState when somebody
    was faster, ItemRefused for what is sent."""
    require_open(occurrence.project)
    occurrence = held(occurrence)
    refuse_cancelled(occurrence)
    _move(
        occurrence,
        OccurrenceState.DONE,
        approved_by=acting_user,
        finished_at=database_now(),
    )
    sentence = _("“%(what)s” is done.") % {"what": words(occurrence)}
    record_occurrence(occurrence, "occurrence.ticked", sentence, acting_user)
    return occurrence


@transaction.atomic
def untick_item(*, occurrence: Occurrence, acting_user: "User") -> Occurrence:
    """Ticked off by mistake: it is to be done once more."""
    require_open(occurrence.project)
    occurrence = held(occurrence)
    refuse_cancelled(occurrence)
    _move(occurrence, OccurrenceState.PLANNED, approved_by=None, finished_at=None)
    sentence = _("“%(what)s” is not done after all.") % {"what": words(occurrence)}
    record_occurrence(occurrence, "occurrence.unticked", sentence, acting_user)
    return occurrence


def _move(occurrence: Occurrence, state: OccurrenceState, **also: object) -> None:
    if occurrence.message.channel not in ITEMS:
        raise ItemRefused(_("This is sent, so it is not ticked off. Approve it instead."))
    change_status(occurrence, state, transitions=ITEM_TRANSITIONS, field="state", **also)
