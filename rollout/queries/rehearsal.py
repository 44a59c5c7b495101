"""What a project manager should look at in a rehearsal: closed gates, freezes, crowded days."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from common.dates import SATURDAY, local_day
from communications.enums import DeliveryState
from projects.models import Project
from rollout.rehearsal import RehearsedMail

CROWDED = 2  # mails to one person on one day


def conflicts_of(
    project: Project, mails: Sequence[RehearsedMail], starts_at: datetime, ends_at: datetime
) -> tuple[str, ...]:
    """Sentences, the most important first. Three queries."""
    first, last = (local_day(at, project.timezone) for at in (starts_at, ends_at))
    switches = list(
        project.cohorts.filter(
            status=CohortStatus.PLANNED, switch_on__gte=first, switch_on__lte=last
        ).order_by("switch_on", "pk")
    )
    return (
        *_frozen(project, switches),
        *_failing(mails),
        *_crowded(mails, project.timezone),
        *_weekends(project, mails),
    )


def _frozen(project: Project, switches: Sequence[Cohort]) -> list[str]:
    freezes = list(project.freezes.all())
    return [
        _("%(cohort)s switches on %(day)s, in the freeze “%(freeze)s”.")
        % {"cohort": cohort.name, "day": date_format(cohort.switch_on), "freeze": freeze.title}
        for cohort in switches
        for freeze in freezes
        if freeze.starts_on <= cohort.switch_on <= freeze.ends_on
    ]


def _failing(mails: Sequence[RehearsedMail]) -> list[str]:
    failed = Counter(mail.message for mail in mails if mail.state == DeliveryState.FAILED)
    return [
        ngettext(
            "“%(title)s” cannot be built for %(n)s person.",
            "“%(title)s” cannot be built for %(n)s people.",
            number,
        )
        % {"title": title, "n": number}
        for title, number in failed.items()
    ]


def _crowded(mails: Sequence[RehearsedMail], zone: str) -> list[str]:
    days: Counter[tuple[date, str]] = Counter(
        (local_day(mail.at, zone), mail.address)
        for mail in mails
        if mail.state == DeliveryState.SENT and mail.address  # a card goes to nobody's mailbox
    )
    people = Counter(day for (day, _address), number in days.items() if number >= CROWDED)
    return [
        ngettext(
            "%(n)s person gets more than one mail on %(day)s.",
            "%(n)s people get more than one mail on %(day)s.",
            number,
        )
        % {"n": number, "day": date_format(day)}
        for day, number in sorted(people.items())
    ]


def _weekends(project: Project, mails: Sequence[RehearsedMail]) -> list[str]:
    """Of what goes by the calendar of each person's country nobody need say so."""
    zone = project.timezone
    by_country = set(project.messages.filter(is_working_day=True).values_list("title", flat=True))
    titles = {
        (mail.message, local_day(mail.at, zone))
        for mail in mails
        if local_day(mail.at, zone).weekday() >= SATURDAY and mail.message not in by_country
    }
    return [
        _("“%(title)s” goes out on a weekend, %(day)s.") % {"title": title, "day": date_format(day)}
        for title, day in sorted(titles)
    ]
