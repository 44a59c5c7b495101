"""When people in different places get a message read by each person's own clock or calendar.

A message "at 09:00 where the person is" has one wall time and as many instants as there are zones;
one for working days has as many days as countries make of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import NamedTuple

from django.db import connection
from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf

from common.dates import is_zone
from common.working_days import country_code
from communications import audience_kinds as kinds
from communications.enums import MessageZone
from communications.models import Occurrence
from communications.queries.planning import calendar_day, rule_of
from communications.timing import Moment, moment_on
from projects.models import Project

# From the first zone of the world to reach a wall time to the last it takes so long.
AROUND_THE_WORLD = timedelta(hours=27)
# Who works on Saturday is two days before those who wait for Monday.
AHEAD = AROUND_THE_WORLD + timedelta(days=2)
# Of whom nobody knows where they are.
ELSEWHERE = frozenset({kinds.STAKEHOLDERS, kinds.IT_STAFF, kinds.CHANNELS})
# More ways to live somewhere are no places any more, but noise in a file.
MOST_PLACES = 5_000

# Where somebody's country is read: the usage location, and where there is none the country.
COUNTRY = "coalesce(nullif(usage_location, ''), country)"
# One look into the index `participant_by_place` for each place, however many people there are.
_PLACES = f"""
    WITH RECURSIVE found (zone, country, n) AS (
        (SELECT timezone, {COUNTRY}, 1 FROM cohorts_participant
         WHERE project_id = %(project)s
           AND NOT (country = '' AND timezone = '' AND usage_location = '')
         ORDER BY timezone, {COUNTRY} LIMIT 1)
        UNION ALL
        SELECT further.zone, further.country, n + 1
        FROM found CROSS JOIN LATERAL (
            SELECT timezone AS zone, {COUNTRY} AS country FROM cohorts_participant
            WHERE project_id = %(project)s
              AND NOT (country = '' AND timezone = '' AND usage_location = '')
              AND (timezone, {COUNTRY}) > (found.zone, found.country)
            ORDER BY timezone, {COUNTRY} LIMIT 1
        ) further
        WHERE n < %(most)s
    )
    SELECT zone, country FROM found
"""  # noqa: S608 - a constant of this file


class Place(NamedTuple):
    """Zone and country as a roster wrote them; either may be empty, or no such thing."""

    zone: str
    country: str


def country_in() -> Combinable:
    """COUNTRY, for a query of participants."""
    return Coalesce(NullIf(F("usage_location"), Value("")), F("country"))


def is_personal(occurrence: Occurrence) -> bool:
    """Whether it goes out by each person's own clock; what was ordered for an instant does not."""
    return occurrence.message.zone == MessageZone.PERSON and occurrence.wall_at is not None


def is_spread(occurrence: Occurrence) -> bool:
    """Whether some people get it before others, by their own clock or their country's calendar."""
    is_by_calendar = occurrence.message.is_working_day and occurrence.wall_at is not None
    return is_by_calendar or is_personal(occurrence)


def is_elsewhere(occurrence: Occurrence) -> bool:
    """Whether it is for others than participants, of whom we know neither zone nor country."""
    return occurrence.message.audience_kind in ELSEWHERE


def moments(occurrence: Occurrence) -> Mapping[Place, Moment]:
    """{place: its moment} for every place people of the project live in. Two queries, or none.

    Who has no zone, or one that is none, gets it by the clock of the occurrence; who has neither
    zone nor country at the occurrence's own moment.
    """
    wall = occurrence.wall_at
    if wall is None or not is_spread(occurrence) or is_elsewhere(occurrence):
        return {}
    rule = replace(rule_of(occurrence.message), wall_time=wall.time())
    at = cache(partial(moment_on, rule, calendar_day(occurrence)))
    by_clock = is_personal(occurrence)
    return {
        place: at(
            place.zone if by_clock and is_zone(place.zone) else occurrence.timezone,
            country_code(place.country),
        )
        for place in places_of(occurrence.project)
    }


def places_of(project: Project) -> tuple[Place, ...]:
    """Where people of the project live, once each, in order; the first MOST_PLACES. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, {"project": project.pk, "most": MOST_PLACES})
        return tuple(Place(*row) for row in cursor.fetchall())


def moment_of(occurrence: Occurrence, participant: int) -> Moment | None:
    """When this person gets it, who may have no place; None where all get it at once. Three
    queries."""
    if not is_spread(occurrence):
        return None
    people = occurrence.project.participants.filter(pk=participant)
    place = people.values_list("timezone", country_in()).first()
    found = moments(occurrence).get(Place(*place)) if place else None
    return found or _own_moment(occurrence)


def _own_moment(occurrence: Occurrence) -> Moment | None:
    wall, due, last = occurrence.wall_at, occurrence.due_at, occurrence.not_after
    if wall is None or due is None or last is None:
        return None
    return Moment(wall, occurrence.timezone, due, last)


def first_moment(occurrence: Occurrence) -> datetime | None:
    """The earliest of all its instants; None while it has no day."""
    own = [occurrence.due_at] if occurrence.due_at is not None else []
    found = moments(occurrence).values()
    return min([*own, *(moment.due_at for moment in found)], default=None)


def last_moment(occurrence: Occurrence, found: Iterable[Moment]) -> datetime | None:
    """``not_after``, or later where somebody of ``found`` would else get less time than others."""
    own = occurrence.not_after
    return own and max([own, *(moment.not_after for moment in found)])
