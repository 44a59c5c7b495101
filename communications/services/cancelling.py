"""A person says never: what is on its way is called back, what has left is let go."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.state import change_status
from communications.enums import OCCURRENCE_TRANSITIONS, DeliveryState, OccurrenceState
from communications.models import Delivery, Occurrence
from communications.services.approval import held, record_occurrence, words

if TYPE_CHECKING:
    from accounts.models import User

CANCELLABLE = [
    state for state, after in OCCURRENCE_TRANSITIONS.items() if OccurrenceState.CANCELLED in after
]


@transaction.atomic
def cancel_occurrence(*, occurrence: Occurrence, acting_user: "User | None") -> Occurrence:
    """Never send it. StaleState where it is over."""
    occurrence = held(occurrence)
    _cancel(occurrence, acting_user)
    return occurrence


@transaction.atomic
def cancel_all(
    *, occurrences: QuerySet[Occurrence], acting_user: "User | None"
) -> list[Occurrence]:
    """Those of ``occurrences`` that are not over. Each is locked before its state is believed, for
    workers move them on while they send."""
    rows = occurrences.filter(state__in=CANCELLABLE).select_related("message", "cohort", "project")
    locked = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))
    for occurrence in locked:
        _cancel(occurrence, acting_user)
    return locked


def _cancel(occurrence: Occurrence, acting_user: "User | None") -> None:
    change_status(
        occurrence,
        OccurrenceState.CANCELLED,
        transitions=OCCURRENCE_TRANSITIONS,
        field="state",
        finished_at=now(),
    )
    stopped = Delivery.objects.filter(
        occurrence=occurrence, state__in=(DeliveryState.QUEUED, DeliveryState.CLAIMED)
    ).update(state=DeliveryState.CANCELLED, reason=_("cancelled"), lease_until=None, owner=None)
    sentence = _("“%(what)s” was cancelled.") % {"what": words(occurrence)}
    record_occurrence(
        occurrence, "occurrence.cancelled", sentence, acting_user, {"stopped": stopped}
    )
