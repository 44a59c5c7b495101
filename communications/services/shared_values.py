"""What placeholders say that is the same for everybody of one occurrence. Sends nothing.

Words and dates are those of the language that is active.
"""

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from cohorts.models import Cohort
from common.dates import instant
from communications.mail_words import day_in_full
from communications.models import Occurrence
from projects.queries.guide import mode_title

if TYPE_CHECKING:
    from projects.models import Project


def fresh_occurrence(occurrence: Occurrence) -> Occurrence:
    """With all that the values name, as it is now. One query."""
    return (
        Occurrence.objects.select_related("project__created_by", "message__sender", "cohort")
        .defer("message__body", "message__short_body")
        .get(pk=occurrence.pk)
    )


def shared_values(fresh: Occurrence) -> dict[str, str]:
    """{placeholder: text} of the project, the sender and the cohort."""
    project, sender = fresh.project, fresh.message.sender
    sender_name = sender.name if sender else str(project.created_by)
    values = {
        "project_name": project.name,
        "sender_name": sender_name,
        "help_contact": project.help_contact or (sender.email if sender else sender_name),
    }
    if fresh.cohort is not None:
        values |= _of_cohort(project, fresh.cohort)
    return values


def _of_cohort(project: "Project", cohort: Cohort) -> dict[str, str]:
    switch_at = instant(cohort.switch_on, cohort.switch_time, cohort.timezone)
    return {
        "cohort_name": cohort.name,
        "switch_date": day_in_full(cohort.switch_on),
        "switch_time": clock(switch_at, cohort.timezone),
        "to_mode_title": mode_title(project, cohort.to_mode),
    }


def clock(at: datetime, zone: str) -> str:
    """ "18:00 CET (Europe/Berlin)"; without letters of its own "18:00 (Asia/Dubai)"."""
    local = at.astimezone(ZoneInfo(zone))
    time, short = date_format(local, "H:i"), local.tzname() or ""
    if short == zone:
        return f"{time} {zone}"
    return f"{time} {short} ({zone})" if short[:1].isalpha() else f"{time} ({zone})"
