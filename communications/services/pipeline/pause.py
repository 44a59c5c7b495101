"""Stops a message that goes wrong for everybody, and says so in the project's record."""

import structlog

from common.exceptions import StaleState
from communications.mailer import crash
from communications.models import Message
from communications.services.pausing import pause_message

log = structlog.get_logger(__name__)


def pause_by_itself(message_id: int, why: str) -> bool:
    """Pause the message with ``why`` in its Event; False where it was no longer active."""
    message = Message.objects.select_related("project").get(pk=message_id)
    crash.point("before-pause")
    try:
        pause_message(message=message, acting_user=None, reason=why)
    except StaleState:  # paused or cancelled by somebody else a moment ago
        return False
    crash.point("after-pause")
    log.warning("message_paused", message=message_id)
    return True
