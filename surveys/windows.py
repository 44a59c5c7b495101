"""When a survey closes, when it reminds, who may still finish. Pure: no clock, no database."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from common.dates import instant, local_day

LAST_MINUTE = time(23, 59)
# Who had begun before the end may still send what was typed.
GRACE = timedelta(hours=24)


def closing_instant(opened_at: datetime, open_days: int, zone: str) -> datetime:
    """23:59 in ``zone`` on the day ``open_days`` after the day it was opened there, in UTC."""
    return instant(local_day(opened_at, zone) + timedelta(days=open_days), LAST_MINUTE, zone)


def reminder_instants(
    opened_at: datetime, after_days: Sequence[int], closes_at: datetime, zone: str
) -> tuple[tuple[int, datetime], ...]:
    """(number from 1, UTC instant) of each reminder that still comes before closing.

    Counted in days of ``zone`` at the wall time of opening, so clock changes do not move it.
    """
    local = opened_at.astimezone(ZoneInfo(zone))
    due = [instant(local.date() + timedelta(days=days), local.time(), zone) for days in after_days]
    return tuple((number, at) for number, at in enumerate(due, start=1) if at < closes_at)


def is_within_grace(ended_at: datetime, begun_at: datetime | None, at: datetime) -> bool:
    """Whether somebody who began at ``begun_at`` may still finish at ``at`` after the end."""
    return begun_at is not None and begun_at < ended_at and at < ended_at + GRACE
