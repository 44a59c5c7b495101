"""Until when a person may choose another date, and which cohorts can take somebody back. Pure."""

from datetime import date, datetime, timedelta

from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from common.dates import instant


def switch_instant(cohort: Cohort) -> datetime:
    """When the cohort switches, in UTC."""
    return instant(cohort.switch_on, cohort.switch_time, cohort.timezone)


def choice_closes_at(cohort: Cohort) -> datetime:
    """As many days before the switch as the cohort says, at the hour of the switch, in UTC."""
    day = cohort.switch_on - timedelta(days=cohort.booking_closes_days)
    return instant(day, cohort.switch_time, cohort.timezone)


def may_leave(cohort: Cohort, at: datetime) -> bool:
    """Whether somebody in ``cohort`` may still choose another one at ``at``."""
    return cohort.status == CohortStatus.PLANNED and at < choice_closes_at(cohort)


def may_choose(cohort: Cohort, at: datetime) -> bool:
    """Whether people may choose ``cohort`` at ``at``; whether it has places is another question."""
    return cohort.is_bookable and may_leave(cohort, at)


def can_return(cohort: Cohort, left: Cohort, until: date | None, at: datetime) -> bool:
    """Whether ``cohort`` can take somebody deferred from ``left``: it switches after ``at`` and
    not after ``until``, a day in its own zone."""
    return (
        cohort.pk != left.pk
        and (cohort.project_id, cohort.kind) == (left.project_id, left.kind)
        and cohort.status == CohortStatus.PLANNED
        and switch_instant(cohort) > at
        and (until is None or cohort.switch_on <= until)
    )
