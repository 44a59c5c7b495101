"""Sets the limits of the mail account. Workers feel them within a second or with their next run.

It concerns all projects, so it stands in no project's record: the row and the log say who did it.
"""

from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.utils.timezone import now

from communications.models import Sender
from communications.services.pipeline.sender import NAME

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)


@transaction.atomic
def set_limits(
    *,
    per_second: int | None,
    per_hour: int | None,
    connections: int | None,
    uses_pipelining: bool,
    acting_user: "User",
) -> Sender:
    """None means no limit, and for ``connections`` what the settings say.

    What the server asked for in the meantime, fewer connections, is forgotten: a person knows more.
    """
    limits = {
        "per_second": per_second,
        "per_hour": per_hour,
        "connections": connections,
        "uses_pipelining": uses_pipelining,
    }
    row, _is_new = Sender.objects.update_or_create(
        name=NAME,
        defaults={
            **limits,
            "tokens": None,
            "fewer_connections": None,
            "fewer_until": None,
            "changed_by": acting_user,
            "changed_at": now(),
        },
    )
    log.warning("sender_limits_set", user=acting_user.pk, **limits)
    return row
