"""How many people have switched and were seen upgraded by which day, against the plan.

Out of kept figures: people are not read. Each person counts once, with the first of their cohorts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from cohorts.enums import CohortStatus
from cohorts.queries.counts import Hour, Pair, hours_of, pairs_of
from common.dates import local_day
from dashboards.charts.burnup import BurnUp, Point
from dashboards.forecast import Pace, forecast
from dashboards.queries.board import BoardRow
from projects.models import Project


def burnup_of(project: Project, rows: Sequence[BoardRow], today: date) -> BurnUp:
    """``rows``: all cohorts of the project; ``today`` in its zone. Two queries."""
    kept = [row for row in rows if row.cohort.status != CohortStatus.CANCELLED]
    days = {row.cohort.pk: row.cohort.switch_on for row in kept}
    plan = _summed(_planned(kept, pairs_of(project), days))
    total = plan[-1][1] if plan else 0
    points = _points(hours_of(project), project.timezone)
    switched = points[-1].switched if points else 0
    return BurnUp(
        points=points,
        plan=plan,
        total=total,
        today=today,
        forecast=forecast(_paces(kept), left=max(total - switched, 0), today=today),
    )


def _planned(
    rows: Sequence[BoardRow], pairs: Sequence[Pair], days: Mapping[int, date]
) -> Counter[date]:
    people: Counter[date] = Counter()
    for row in rows:
        people[row.cohort.switch_on] += row.counts.people
    for pair in pairs:
        if pair.pilot in days and pair.wave in days:
            people[max(days[pair.pilot], days[pair.wave])] -= pair.people
    return people


def _summed(people: Counter[date]) -> tuple[tuple[date, int], ...]:
    found, sum_ = [], 0
    for day in sorted(people):
        sum_ += people[day]
        found.append((day, sum_))
    return tuple(found)


def _points(hours: Sequence[Hour], zone: str) -> tuple[Point, ...]:
    """One for each day on which something happened, summed up to its end."""
    points: dict[date, Point] = {}
    switched = verified = 0
    for hour in hours:
        switched += hour.switched
        verified += hour.verified
        day = local_day(hour.hour, zone)
        points[day] = Point(day, switched, verified)
    return tuple(points.values())


def _paces(rows: Sequence[BoardRow]) -> list[Pace]:
    """Of the finished cohorts, oldest switch first: from its switch to the next cohort's."""
    ordered = sorted((row for row in rows if row.counts.people), key=lambda row: _switched_on(row))
    found = []
    for row, following in pairwise([*ordered, None]):
        if row is None or row.cohort.status != CohortStatus.FINISHED:
            continue
        start = _switched_on(row)
        end = _switched_on(following) if following else row.cohort.ends_on
        found.append(Pace(row.counts.switched, max((end - start).days, 1)))
    return found


def _switched_on(row: BoardRow) -> date:
    cohort = row.cohort
    if cohort.switched_at is None:
        return cohort.switch_on
    return local_day(cohort.switched_at, cohort.timezone)
