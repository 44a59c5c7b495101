"""Stops a message that goes wrong for everybody, and says so in the project's record."""

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from common.exceptions import StaleState
from common.state import change_status
from communications.enums import MESSAGE_TRANSITIONS, MessageStatus
from communications.models import Message
from projects.services import events

log = structlog.get_logger(__name__)


@transaction.atomic
def pause_by_itself(message: Message, why: str) -> bool:
    """Pause ``message`` with ``why`` in its Event; False where it was no longer active."""
    message = Message.objects.select_related("project").get(pk=message.pk)
    try:
        change_status(message, MessageStatus.PAUSED, transitions=MESSAGE_TRANSITIONS)
    except StaleState:  # paused or cancelled by somebody else a moment ago
        return False
    events.record(
        project=message.project,
        verb="message.paused",
        sentence=_("“%(title)s” was paused by itself: %(why)s")
        % {"title": message.title, "why": why},
        acting_user=None,
        subject=message,
        data={"why": why[:500]},
    )
    log.warning("message_paused", message=message.pk)
    return True
