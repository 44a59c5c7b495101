"""How one occurrence stands, as the status tag draws it and as a person says it. No query.

The occurrence comes with its message. An approval that is still missing is amber only when the
mail is near: what is merely upcoming does not shout.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from communications.enums import ITEMS, MessageStatus, OccurrenceState
from communications.models import Occurrence

APPROVED_BY = timedelta(days=14)
OVER = (OccurrenceState.DONE, OccurrenceState.CANCELLED)
LOOKS = {
    OccurrenceState.EXPANDING: "sending",
    OccurrenceState.SENDING: "sending",
    OccurrenceState.DONE: "done",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """``look`` is a key of the status tag, ``word`` what stands beside its shape."""

    look: str
    word: str | Promise


def standing(occurrence: Occurrence, at: datetime) -> Standing:
    state = OccurrenceState(occurrence.state)
    if occurrence.message.channel in ITEMS:
        return _of_item(state, is_pressing(occurrence, at))
    if is_paused(occurrence):
        return Standing("paused", _("paused"))
    if is_open(occurrence):
        return Standing("planned", _("waits for its survey"))
    if state == OccurrenceState.PLANNED:
        return Standing("warn" if is_pressing(occurrence, at) else "todo", state.label)
    return Standing(LOOKS.get(state, state.value), state.label)


def _of_item(state: OccurrenceState, is_near: bool) -> Standing:
    """Nobody sends it: it is to be done, or done."""
    if state == OccurrenceState.PLANNED:
        return Standing("warn" if is_near else "todo", _("to be done"))
    word = _("done") if state == OccurrenceState.DONE else state.label
    return Standing(state.value, word)


def is_paused(occurrence: Occurrence) -> bool:
    return occurrence.message.status == MessageStatus.PAUSED and occurrence.state not in OVER


def is_open(occurrence: Occurrence) -> bool:
    """Planned, but on a day that nobody knows before it has come."""
    return occurrence.state == OccurrenceState.PLANNED and occurrence.due_at is None


def is_pressing(occurrence: Occurrence, at: datetime) -> bool:
    """It waits for an approval, and goes out within two weeks."""
    return (
        occurrence.state == OccurrenceState.PLANNED
        and occurrence.due_at is not None
        and occurrence.due_at < at + APPROVED_BY
    )
