"""What a cohort is before it exists. Pure: whoever plans hands these to the service."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortPlan:
    """``switch_time`` is wall time in ``timezone``; ``ends_on`` is the survey's last day."""

    kind: str
    name: str
    position: int
    switch_on: date
    switch_time: time
    timezone: str
    ends_on: date
    from_mode: str
    to_mode: str
