"""Figures of goals: read by the clock (see ``measuring``) or typed in by a person."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from projects.exceptions import NotAllowedHere
from projects.metrics import MANUAL
from projects.models import Goal, Measurement
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User

LARGEST = Decimal("9999999999.99")


@transaction.atomic
def record_measurement(
    *,
    goal: Goal,
    value: Decimal,
    note: str,
    acting_user: "User",
    n: int | None = None,
    at: datetime | None = None,
) -> Measurement:
    """Write down a figure, in the goal's unit, for a goal that is measured by hand.

    Every entry is kept, also an unchanged one: that somebody looked is worth a line.
    """
    require_open(goal.project)
    if goal.metric != MANUAL:
        raise NotAllowedHere(_("This goal is measured by Upgrade Tracker itself."))
    if not value.is_finite() or abs(value) > LARGEST:
        raise NotAllowedHere(_("Write a number with at most ten digits before the point."))
    at = at or now()
    measurement = Measurement.objects.create(
        goal=goal,
        value=value,
        n=n,
        note=note.strip()[:500],
        entered_by=acting_user,
        measured_at=at,
        checked_at=at,
    )
    events.record(
        project=goal.project,
        verb="goal.measured",
        sentence=_("Goal “%(goal)s”: %(value)s %(unit)s entered.")
        % {"goal": goal.title, "value": f"{value:f}", "unit": goal.unit},
        acting_user=acting_user,
        subject=goal,
        data={"value": str(value)},
    )
    return measurement
