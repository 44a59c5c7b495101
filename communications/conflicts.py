"""What is odd about mails that are planned together: too many, or at the wrong moment. Pure.

Each sentence is about one mail and says what to look at. Nothing here stops anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format, time_format
from django.utils.translation import gettext as _

from common.dates import SATURDAY, local_day
from communications.again import is_much_more
from communications.quiet import end_of_quiet

WEEK = timedelta(days=7)
EVERYONE = "everyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One mail to a group. ``group`` names the people: mails of one group, and those to EVERYONE
    and to a cohort, reach the same. ``is_open``: it has not begun. ``is_ordered``: somebody chose
    its moment. ``switch_at`` is set where the mail announces a switch; ``approved`` is for how
    many, None where nobody did."""

    pk: int
    title: str
    group: str
    is_of_cohort: bool
    due_at: datetime
    timezone: str
    people: int
    is_open: bool
    is_mandatory: bool = False
    is_reminder: bool = False
    is_ordered: bool = False
    switch_at: datetime | None = None
    is_without_go: bool = False
    approved: int | None = None

    @property
    def day(self) -> date:
        return local_day(self.due_at, self.timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the project keeps to; ``freezes`` are (title, first day, last day)."""

    quiet_from: time | None
    quiet_until: time | None
    mails_a_week: int | None
    freezes: Sequence[tuple[str, date, date]]


def conflicts(mails: Iterable[Planned], house: House) -> Mapping[int, tuple[str, ...]]:
    """{mail: sentences} of those that have not begun and where something is odd."""
    known = sorted(mails, key=lambda mail: (mail.due_at, mail.pk))
    groups: dict[str, list[Planned]] = defaultdict(list)
    for mail in known:
        groups[mail.group].append(mail)
    of_cohorts = [mail for mail in known if mail.is_of_cohort]
    found = {
        mail.pk: tuple(_odd(mail, _near(mail, groups, of_cohorts), house))
        for mail in known
        if mail.is_open
    }
    return {pk: sentences for pk, sentences in found.items() if sentences}


def _near(
    mail: Planned, groups: Mapping[str, Sequence[Planned]], of_cohorts: Sequence[Planned]
) -> list[Planned]:
    """What reaches the same people: mails of the group, and those to everybody and to a cohort."""
    also: Sequence[Planned] = ()
    if mail.group == EVERYONE:
        also = of_cohorts
    elif mail.is_of_cohort:
        also = groups.get(EVERYONE, ())
    return [one for one in (*groups[mail.group], *also) if one.pk != mail.pk]


def _odd(mail: Planned, near: Sequence[Planned], house: House) -> Iterable[str]:
    yield from _same_day(mail, near)
    yield from _week(mail, near, house)
    yield from _moment(mail, house)
    if mail.switch_at is not None and mail.due_at >= mail.switch_at:
        yield _("After the switch that it announces.")
    if mail.is_without_go:
        yield _("Nobody has said go for the switch yet.")
    if mail.approved is not None and is_much_more(mail.approved, mail.people):
        numbers = {"n": _grouped(mail.approved), "people": _grouped(mail.people)}
        yield _("Approved for %(n)s people, but it would go to %(people)s.") % numbers


def _same_day(mail: Planned, near: Sequence[Planned]) -> Iterable[str]:
    others = [one for one in near if one.day == mail.day]
    if not others:
        return
    words = {"title": others[0].title, "n": len(others) - 1}
    if mail.is_reminder or any(one.is_reminder for one in others):
        sentence = _("A reminder and another mail on the same day: “%(title)s”")
    else:
        sentence = _("To the same people on the same day: “%(title)s”")
    if words["n"]:
        sentence = _("%(sentence)s and %%(n)s more") % {"sentence": sentence}
    yield f"{sentence % words}."


def _week(mail: Planned, near: Sequence[Planned], house: House) -> Iterable[str]:
    """As the claim counts: mandatory mails count and pass, and so does what is ordered for now."""
    if house.mails_a_week is None or mail.is_mandatory or mail.is_ordered:
        return
    before = sum(mail.due_at - WEEK < one.due_at <= mail.due_at for one in near)
    if before >= house.mails_a_week:
        yield _("Mail number %(n)s in seven days; more than %(most)s a week are skipped.") % {
            "n": before + 1,
            "most": house.mails_a_week,
        }


def _moment(mail: Planned, house: House) -> Iterable[str]:
    if mail.day.weekday() >= SATURDAY and not mail.is_ordered:
        yield _("On a %(day)s, %(zone)s.") % {
            "day": date_format(mail.day, "l"),
            "zone": mail.timezone,
        }
    if house.quiet_from and house.quiet_until and not mail.is_ordered:
        end = end_of_quiet(mail.due_at, mail.timezone, house.quiet_from, house.quiet_until)
        if end is not None:
            local = end.astimezone(ZoneInfo(mail.timezone))
            yield _("In quiet hours: it waits until %(time)s.") % {
                "time": time_format(local.time(), "H:i")
            }
    for title, first, last in house.freezes:
        if first <= mail.day <= last:
            yield _("In the freeze “%(title)s”.") % {"title": title}


def _grouped(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)
