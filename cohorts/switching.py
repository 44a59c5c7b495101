"""When a cohort switches: four columns that move together, and what they cannot be. Pure."""

from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from cohorts.enums import CohortStatus
from cohorts.exceptions import CohortError
from cohorts.models import Cohort
from common.dates import instant, local_day, zone_fault


@dataclass(frozen=True, slots=True)
class SwitchDates:
    """Day and time as clocks in ``timezone`` show them; ``ends_on`` is the cohort's last day."""

    switch_on: date
    switch_time: time
    timezone: str
    ends_on: date

    @property
    def at(self) -> datetime:
        """The instant, in UTC. OverflowError at the edge of the calendar."""
        return instant(self.switch_on, self.switch_time, self.timezone)

    def on(self, day: date) -> "SwitchDates":
        """The same on another day; the end moves by as many days. OverflowError likewise."""
        return replace(self, switch_on=day, ends_on=self.ends_on + (day - self.switch_on))

    def applied_to(self, cohort: Cohort) -> Cohort:
        """A copy of ``cohort`` with these dates, not saved: what a preview counts from."""
        moved = copy(cohort)
        moved.switch_on, moved.switch_time = self.switch_on, self.switch_time
        moved.timezone, moved.ends_on = self.timezone, self.ends_on
        return moved


def dates_of(cohort: Cohort) -> SwitchDates:
    return SwitchDates(cohort.switch_on, cohort.switch_time, cohort.timezone, cohort.ends_on)


def refuse_impossible(cohort: Cohort, new: SwitchDates, at: datetime | None) -> None:
    """Raises CohortError where ``cohort`` cannot switch like this.

    ``at`` is now: a new date must not have passed. None for a date that it had before.
    """
    if cohort.status != CohortStatus.PLANNED:
        raise CohortError(
            _("“%(name)s” is not planned any more, so its switch date stays as it is.")
            % {"name": cohort.name}
        )
    if fault := zone_fault(new.timezone):
        raise CohortError(fault)
    if new == dates_of(cohort):
        raise CohortError(_("That is when it switches already. Choose another date."))
    if at is not None and new.switch_on < local_day(at, new.timezone):
        raise CohortError(_("That date has passed. Choose today or a later one."))
    if new.ends_on < new.switch_on:
        raise CohortError(_("It would end before it switches. Choose a later end."))
