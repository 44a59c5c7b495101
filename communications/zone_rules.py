"""Where a moment lies by the rules that zones have now. Pure, no clock.

Rules are changed by governments, and come with the package tzdata.
"""

from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from common.dates import instant

# No zone has moved its clocks further without changing its date. What lies further away was put
# there by something else.
FURTHEST = timedelta(hours=3)
DAY = timedelta(days=1)


@lru_cache(maxsize=4096)
def by_todays_rules(was: datetime, wall: time, zone: str) -> datetime:
    """The instant nearest to ``was`` at which clocks in ``zone`` show ``wall``; ``was`` itself
    where none is near."""
    day = was.astimezone(ZoneInfo(zone)).date()
    around = (instant(one, wall, zone) for one in (day - DAY, day, day + DAY))
    nearest = min(around, key=lambda at: abs(at - was))
    return nearest if abs(nearest - was) <= FURTHEST else was


def forget_rules() -> None:
    """Read them anew: a machine's may have changed since this process began."""
    ZoneInfo.clear_cache()
    by_todays_rules.cache_clear()
