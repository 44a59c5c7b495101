"""Gives a planned cohort another switch: day, time, zone and end.

What hangs on it in other rooms (mails, surveys, steps) is moved by the caller in the same
transaction; ``rollout`` composes that.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cohorts.models import Cohort
from cohorts.switching import SwitchDates, dates_of, refuse_impossible
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def reschedule_cohort(
    *, cohort: Cohort, dates: SwitchDates, acting_user: "User | None", at: datetime | None
) -> Cohort:
    """Write the new dates and raise the number of its calendar entry. The row must be locked.

    Raises CohortError as ``refuse_impossible`` says; ``at`` is now, or None to take a move back.
    """
    require_open(cohort.project)
    refuse_impossible(cohort, dates, at)
    old = dates_of(cohort)
    cohort.switch_on, cohort.switch_time = dates.switch_on, dates.switch_time
    cohort.timezone, cohort.ends_on = dates.timezone, dates.ends_on
    cohort.calendar_sequence += 1
    cohort.save(
        update_fields=["switch_on", "switch_time", "timezone", "ends_on", "calendar_sequence"]
    )
    events.record(
        project=cohort.project,
        verb="cohort.moved",
        sentence=_("The switch of “%(name)s” moved from %(old)s to %(new)s.")
        % {"name": cohort.name, "old": _words(old), "new": _words(dates)},
        acting_user=acting_user,
        subject=cohort,
        data={"old": old.switch_on.isoformat(), "new": dates.switch_on.isoformat()},
    )
    return cohort


def _words(dates: SwitchDates) -> str:
    day = date_format(dates.switch_on)
    return f"{day} {dates.switch_time:%H:%M} {dates.timezone}"
