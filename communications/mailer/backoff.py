"""When to try again. Arithmetic only: durations in, durations out."""

from datetime import timedelta

RETRY_MINUTES = (1, 5, 15, 60, 180, 360)
SPREAD = 0.2
MAX_HOLD = timedelta(minutes=5)


def retry_after(attempts: int, chance: float) -> timedelta:
    """The wait after attempt number ``attempts`` (from 1); the last wait repeats.

    ``chance`` is a random number from 0 to 1 that spreads rows by ±20 %.
    """
    minutes = RETRY_MINUTES[min(attempts, len(RETRY_MINUTES)) - 1]
    return timedelta(minutes=minutes) * (1 + SPREAD * (2 * chance - 1))


def hold_for(failures_in_a_row: int) -> timedelta:
    """How long a mail server is left alone after its ``failures_in_a_row``-th trouble (from 1)."""
    return min(timedelta(seconds=5 * 2 ** min(failures_in_a_row - 1, 10)), MAX_HOLD)
