"""Stops messages, lets them go on, ends them. A mail already at the server arrives."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from common.doorbell import ring
from common.state import change_status
from communications.enums import MESSAGE_TRANSITIONS, MessageStatus
from communications.models import Message
from communications.queries.stopped import STOPPED
from communications.queries.waiting import waiting_of
from communications.services.approval import PUMP
from communications.services.cancelling import cancel_all
from communications.services.pipeline.clock import database_now
from communications.services.seen import refuse_other_number
from projects.services.events import record

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def pause_message(*, message: Message, acting_user: "User | None", reason: str = "") -> Message:
    """Nothing of it is sent until it is resumed. ``reason`` is a sentence for the record.

    Without an ``acting_user`` it stopped by itself, and the home of the project says so.
    """
    change_status(message, MessageStatus.PAUSED, transitions=MESSAGE_TRANSITIONS)
    sentence = _("Message “%(title)s” was paused.") % {"title": message.title}
    is_stopped = {STOPPED: True} if acting_user is None else {}
    _record(message, "message.paused", f"{sentence} {reason}".strip(), acting_user, is_stopped)
    return message


@transaction.atomic
def resume_message(
    *, message: Message, acting_user: "User", seen_people: int | None = None
) -> Message:
    """What was queued is sent, what was sent is not repeated. Conflict where ``seen_people`` is
    not how many get it at once."""
    refuse_other_number(waiting_of(message, database_now()).people, seen_people)
    change_status(message, MessageStatus.ACTIVE, transitions=MESSAGE_TRANSITIONS)
    sentence = _("Message “%(title)s” goes on.") % {"title": message.title}
    _record(message, "message.resumed", sentence, acting_user)
    ring(PUMP)
    return message


@transaction.atomic
def cancel_message(*, message: Message, acting_user: "User") -> Message:
    """For good: what has not been sent of it is cancelled too."""
    held = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    message.status = held.status  # perhaps it stopped by itself just now
    change_status(message, MessageStatus.CANCELLED, transitions=MESSAGE_TRANSITIONS)
    cancel_all(occurrences=message.occurrences.all(), acting_user=acting_user)
    sentence = _("Message “%(title)s” was cancelled.") % {"title": message.title}
    _record(message, "message.cancelled", sentence, acting_user)
    return message


def _record(
    message: Message,
    verb: str,
    sentence: str,
    acting_user: "User | None",
    data: dict[str, bool] | None = None,
) -> None:
    record(
        project=message.project,
        verb=verb,
        sentence=sentence,
        acting_user=acting_user,
        subject=message,
        data=data or {},
    )
