"""How a figure stands against its target. Pure."""

from decimal import Decimal

from projects.enums import GoalStatus
from projects.metrics import holds

NEAR_SHARE = Decimal("0.1")  # within a tenth of the target is close
NEAR_ZERO = Decimal(5)  # a target of zero has no tenth


def standing(
    value: Decimal | None, operator: str, target: Decimal, *, is_filling: bool = False
) -> GoalStatus:
    """On target, close (within a tenth of the target), off track, or no figure yet.

    ``is_filling`` is a growing figure whose time is not over: it is under way, not off track.
    """
    if value is None:
        return GoalStatus.NO_DATA
    if holds(value, operator, target):
        return GoalStatus.ON_TARGET
    if is_filling:
        return GoalStatus.UNDER_WAY
    near = abs(target) * NEAR_SHARE or NEAR_ZERO
    return GoalStatus.CLOSE if abs(value - target) <= near else GoalStatus.OFF_TRACK
