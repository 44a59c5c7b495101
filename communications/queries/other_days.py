"""Who gets an occurrence on another day than most, because their country works on other days.

Reads only, and decides nothing: when each person gets it is in ``zones``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from cohorts.queries.anchors import anchors_of
from common.working_days import country_code, country_name, first_working_day
from communications.enums import DELIVERED
from communications.models import Occurrence
from communications.queries.audience import people_of
from communications.queries.planning import calendar_day
from communications.queries.zones import country_in, is_elsewhere, places_of
from projects.models import Project

FEW = 4


@dataclass(frozen=True, slots=True)
class OtherDay:
    """``people`` of the audience, whether they have an address or not."""

    on: date
    people: int
    countries: tuple[str, ...]

    @property
    def where(self) -> str:
        return listed(self.countries)


def other_days(occurrence: Occurrence, at: datetime) -> tuple[OtherDay, ...]:
    """The days beside its own, in order. Three queries at most, however many people there are."""
    if not _is_by_calendar(occurrence):
        return ()
    written = {place.country for place in places_of(occurrence.project)}
    codes = {words: code for words in written if (code := country_code(words))}
    moved = _moved(occurrence, calendar_day(occurrence), codes.values())
    wanted = [words for words, code in codes.items() if code in moved]
    if not wanted:
        return ()
    people = people_of(occurrence, at).order_by().annotate(living_in=country_in())
    counted = people.filter(living_in__in=wanted).values_list("living_in").annotate(n=Count("pk"))
    numbers = Counter[str]()
    for words, number in counted:
        numbers[codes[words]] += number
    return _by_day(moved, numbers)


def other_countries(
    project: Project, occurrences: Iterable[Occurrence]
) -> Mapping[int, tuple[str, ...]]:
    """{occurrence: names of the project's countries that get it on another day}. Two queries, or
    none where none of them is for working days."""
    wanted = [occurrence for occurrence in occurrences if _is_by_calendar(occurrence)]
    if not wanted:
        return {}
    codes = {country_code(place.country) for place in places_of(project)} - {""}
    anchors = anchors_of(project)
    return {
        occurrence.pk: _names(_moved(occurrence, calendar_day(occurrence, anchors), codes))
        for occurrence in wanted
    }


def listed(names: tuple[str, ...]) -> str:
    """The first few of them, and how many more there are."""
    words = ", ".join(names[:FEW])
    rest = len(names) - FEW
    if rest <= 0:
        return words
    return _("%(names)s and %(n)s more") % {"names": words, "n": rest}


def _is_by_calendar(occurrence: Occurrence) -> bool:
    message = occurrence.message
    is_planned = occurrence.wall_at is not None and message.is_working_day
    return is_planned and message.channel in DELIVERED and not is_elsewhere(occurrence)


def _moved(occurrence: Occurrence, day: date, codes: Iterable[str]) -> dict[str, date]:
    """{country: its day} of those whose day is not the occurrence's own."""
    days = {code: first_working_day(day, code) for code in codes}
    own = occurrence.wall_at and occurrence.wall_at.date()
    return {code: first for code, first in days.items() if first != own}


def _by_day(moved: Mapping[str, date], numbers: Mapping[str, int]) -> tuple[OtherDay, ...]:
    days = sorted({moved[code] for code, number in numbers.items() if number})
    codes = {day: [code for code in numbers if moved[code] == day] for day in days}
    return tuple(
        OtherDay(day, sum(numbers[code] for code in codes[day]), _names(codes[day])) for day in days
    )


def _names(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(country_name(code) for code in codes))
