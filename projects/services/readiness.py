"""Answers to the playbook's readiness questions."""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from projects.exceptions import NotAllowedHere
from projects.models import ReadinessCheck
from projects.services import events
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User

EDIT_FIELDS = ("answer", "is_blocking")
YES_NO = ("yes", "no")


@transaction.atomic
def answer_readiness(
    *,
    check: ReadinessCheck,
    answer: str,
    is_blocking: bool,
    acting_user: "User | None",
    seen: str = "",
) -> ReadinessCheck:
    """Write an answer down; an empty one takes it back. ``is_blocking``: nothing may go on so."""
    project = check.project
    require_open(project)
    answer = answer.strip()
    _require_fitting(check, answer)
    check = lock_row(check, seen=seen, fields=EDIT_FIELDS)
    check.answer, check.is_blocking = answer, is_blocking
    check.answered_at = now() if answer else None
    check.save(update_fields=["answer", "is_blocking", "answered_at"])
    events.record(
        project=project,
        verb="readiness.answered",
        sentence=_("Readiness question answered: “%(question)s”") % {"question": check.question},
        acting_user=acting_user,
        subject=check,
        data={"is_blocking": is_blocking},
    )
    return check


def _require_fitting(check: ReadinessCheck, answer: str) -> None:
    allowed = YES_NO if check.kind == "yes_no" else tuple(check.choices)
    if answer and allowed and check.kind in ("yes_no", "choice") and answer not in allowed:
        raise NotAllowedHere(_("Choose one of the answers offered."))
    if answer and check.kind == "number" and not _is_number(answer):
        raise NotAllowedHere(_("Answer with a number."))


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False
