"""Quiet hours: when may somebody get a mail that is due? Pure; wall time where they are."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from common.dates import instant


def end_of_quiet(at: datetime, zone: str, quiet_from: time, quiet_until: time) -> datetime | None:
    """The instant at which the quiet hours around ``at`` end in ``zone``; None outside of them.

    22:00 to 07:00 runs over midnight; from and until alike means the whole day is open.
    """
    local = at.astimezone(ZoneInfo(zone))
    wall, day = local.time().replace(tzinfo=None), local.date()
    if quiet_from < quiet_until:
        is_quiet = quiet_from <= wall < quiet_until
    else:
        is_quiet = quiet_from != quiet_until and (wall >= quiet_from or wall < quiet_until)
    if not is_quiet:
        return None
    end = instant(day, quiet_until, zone)
    return end if end > at else instant(day + timedelta(days=1), quiet_until, zone)
