"""Changes the sending rules of a project. What is sent from then on follows them."""

from datetime import time
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from communications.exceptions import RulesRefused
from communications.models import SendingRules
from projects.models import Project
from projects.services.events import record
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def change_rules(
    *,
    project: Project,
    quiet_from: time | None,
    quiet_until: time | None,
    second_above: int | None,
    mails_a_week: int | None,
    is_staging: bool,
    staging_list: list[str],
    acting_user: "User",
) -> SendingRules:
    """All of them at once. Raises RulesRefused for hours that begin and do not end."""
    require_open(project)
    lock_row(project)
    if (quiet_from is None) != (quiet_until is None):
        raise RulesRefused(_("Quiet hours need both a beginning and an end, or neither."))
    rules, _is_new = SendingRules.objects.update_or_create(
        project=project,
        defaults={
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "second_above": second_above,
            "mails_a_week": mails_a_week,
            "is_staging": is_staging,
            "staging_list": staging_list,
        },
    )
    record(
        project=project,
        verb="sending.rules",
        sentence=_("The sending rules were changed."),
        acting_user=acting_user,
        data={
            "quiet": [quiet_from and f"{quiet_from:%H:%M}", quiet_until and f"{quiet_until:%H:%M}"],
            "second_above": second_above,
            "mails_a_week": mails_a_week,
            "is_staging": is_staging,
            "staging_list": staging_list,
        },
    )
    return rules
