"""Changes the sending rules of a project. What is sent from then on follows them."""

from datetime import time
from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from communications.exceptions import RulesRefused
from communications.models import SendingRules
from communications.queries.rules import rules_of
from projects.models import Project
from projects.services.events import record
from projects.services.guards import lock_row, refuse_changed, require_open

if TYPE_CHECKING:
    from accounts.models import User


class Rules(TypedDict):
    """All rules of a project, as SendingRules names them."""

    quiet_from: time | None
    quiet_until: time | None
    second_above: int | None
    mails_a_week: int | None
    is_one_an_address: bool
    is_staging: bool
    staging_list: list[str]


EDIT_FIELDS = tuple(Rules.__annotations__)


@transaction.atomic
def change_rules(
    *, project: Project, acting_user: "User", seen: str = "", **rules: Unpack[Rules]
) -> SendingRules:
    """All of them at once. ``seen`` is the fingerprint the form showed: PlanChanged where they are
    others by now. Raises RulesRefused for hours that begin and do not end."""
    require_open(project)
    lock_row(project)
    refuse_changed(rules_of(project), seen=seen, fields=EDIT_FIELDS)
    if (rules["quiet_from"] is None) != (rules["quiet_until"] is None):
        raise RulesRefused(_("Quiet hours need both a beginning and an end, or neither."))
    stored, _is_new = SendingRules.objects.update_or_create(project=project, defaults=rules)
    record(
        project=project,
        verb="sending.rules",
        sentence=_("The sending rules were changed."),
        acting_user=acting_user,
        data={name: _plain(value) for name, value in rules.items()},
    )
    return stored


def _plain(value: object) -> object:
    """As JSON holds it."""
    return f"{value:%H:%M}" if isinstance(value, time) else value
