"""Names of time zones as rosters spell them."""

from functools import cache
from zoneinfo import available_timezones


def zone_called(name: str) -> str:
    """The name of a zone in the tz database, whatever the case; empty where there is none."""
    return _zones().get(name.casefold(), "")


@cache
def _zones() -> dict[str, str]:
    # Names without a place (but for UTC) are aliases and settings of the machine.
    return {name.casefold(): name for name in available_timezones() if "/" in name or name == "UTC"}
