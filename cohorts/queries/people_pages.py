"""The people list in pages of fifty by name, and how many there are without counting a million.

A page costs the same at the end of a million people as at the beginning. What a narrow filter finds
is collected and sorted. Where it finds more than 10,000 the index of names is walked, because then
the next fifty are near; only where they are not, all that match are collected after all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from cohorts.models import Membership, Participant
from cohorts.queries.counts import (
    PeopleCounts,
    PeopleFigures,
    counts_by_cohort,
    figures_by_project,
)
from cohorts.queries.people import PeopleFilter, matching
from projects.models import Project

PAGE = 50
CEILING = 10_000
# What a search finds is often together in the order of names, and a walk looks for it in vain.
MOST_FOUND = 50_000
BY_NAME, BACKWARDS = ("display_name", "pk"), ("-display_name", "-pk")
ALL_ACTIVE, NOWHERE = PeopleFilter(), PeopleFilter(is_without_cohort=True)
NEAR = 20_000
# Collected first and sorted then: a plan that walks the names in search of a few would read
# everybody.
_COLLECT = """
WITH found AS MATERIALIZED (
    SELECT pk, name FROM ({matching} LIMIT %s) AS matching(pk, name)
), page AS (
    SELECT pk, name FROM found {beyond} ORDER BY name {way}, pk {way} LIMIT %s
)
SELECT (SELECT count(*) FROM found), (SELECT array_agg(pk) FROM page)
"""


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """``before`` and ``after`` are ids for the neighbouring pages' addresses, None at an end.

    ``total`` is no more than CEILING where ``is_more``: then there are more than that.
    """

    people: tuple[Participant, ...]
    total: int
    before: int | None
    after: int | None
    is_more: bool = False


Place = tuple[str, int]


def people_page(
    project: Project,
    wanted: PeopleFilter,
    *,
    after: int | None = None,
    before: int | None = None,
    is_exact: bool = False,
) -> PeoplePage:
    """Fifty people by name behind ``after`` or in front of ``before`` (ids), with their cohorts.

    An id that is not in the project begins at the beginning. ``is_exact`` counts however many.
    """
    place = _place(project, before if before is not None else after)
    backwards = before is not None and place is not None
    if wanted == NOWHERE and not known_total(project, wanted):
        # Nobody among a million is found by looking at each.
        return PeoplePage((), 0, None, None)
    if wanted == ALL_ACTIVE:
        found = _everybody(project, place, backwards=backwards)
        total = known_total(project, wanted) or 0
        return _page(found, total, place, backwards=backwards)
    most = MOST_FOUND if wanted.q else CEILING
    total, pks = _collected(project, wanted, place, backwards=backwards, most=most + 1)
    is_more = total > CEILING
    if total > most:
        near = _near(project, wanted, place, backwards=backwards)
        if near is None:
            _all, near = _collected(project, wanted, place, backwards=backwards, most=None)
        pks = near
    if is_more:
        known = matching(project, wanted).count() if is_exact else known_total(project, wanted)
        total, is_more = (CEILING, True) if known is None else (known, False)
    found = list(_with_places(Participant.objects.filter(pk__in=pks)).order_by(*BY_NAME))
    return _page(found, total, place, backwards=backwards, is_more=is_more)


def known_total(project: Project, wanted: PeopleFilter) -> int | None:
    """The number where the kept counts know it: all active people, those in no cohort, one cohort.

    None for every other filter. One query, or none.
    """
    if wanted in (ALL_ACTIVE, NOWHERE):
        figures = figures_by_project([project.pk]).get(project.pk, PeopleFigures())
        return figures.without_cohort if wanted.is_without_cohort else figures.people
    if wanted.cohort is not None and wanted == replace(ALL_ACTIVE, cohort=wanted.cohort):
        counts = counts_by_cohort([project.pk]).get(wanted.cohort.pk, PeopleCounts())
        return counts.people
    return None


def _page(
    found: list[Participant],
    total: int,
    place: Place | None,
    *,
    backwards: bool,
    is_more: bool = False,
) -> PeoplePage:
    has_more = len(found) > PAGE
    # The one too many stands at the far end.
    shown = found[-PAGE:] if backwards else found[:PAGE]
    if not shown:
        return PeoplePage((), total, None, None, is_more)
    has_before = has_more if backwards else place is not None
    has_after = backwards or has_more
    return PeoplePage(
        tuple(shown),
        total,
        shown[0].pk if has_before else None,
        shown[-1].pk if has_after else None,
        is_more,
    )


def _place(project: Project, pk: int | None) -> Place | None:
    if pk is None:
        return None
    rows = Participant.objects.filter(project=project, pk=pk)
    return rows.values_list("display_name", "pk").first()


def _collected(
    project: Project,
    wanted: PeopleFilter,
    place: Place | None,
    *,
    backwards: bool,
    most: int | None,
) -> tuple[int, Sequence[int]]:
    """How many match, ``most`` at most, and the ids of the page, right where it is not cut off."""
    compiled = _compiled(project, wanted)
    if compiled is None:
        return 0, ()
    sql, params = compiled
    sign, way = ("<", "DESC") if backwards else (">", "ASC")
    beyond = f"WHERE (name, pk) {sign} (%s, %s)" if place else ""
    with connection.cursor() as cursor:
        cursor.execute(
            _COLLECT.format(matching=sql, beyond=beyond, way=way),
            [*params, most, *(place or ()), PAGE + 1],
        )
        total, pks = cursor.fetchone()
    return total, pks or ()


def _near(
    project: Project, wanted: PeopleFilter, place: Place | None, *, backwards: bool
) -> Sequence[int] | None:
    """The ids of the page where they are among the next people by name; None where they are not."""
    order = BACKWARDS if backwards else BY_NAME
    by_name, people = Participant.objects.filter(project=project), matching(project, wanted)
    if place is not None:
        beyond = _beyond(*place, backwards=backwards)
        by_name, people = by_name.filter(beyond), people.filter(beyond)
    ahead = by_name.order_by(*order).values_list("display_name", flat=True)[NEAR : NEAR + 1]
    if end := list(ahead):
        name = "display_name__gte" if backwards else "display_name__lte"
        people = people.filter(**{name: end[0]})
    pks = list(people.order_by(*order).values_list("pk", flat=True)[: PAGE + 1])
    return pks if len(pks) > PAGE or not end else None


def _beyond(name: str, pk: int, *, backwards: bool) -> Q:
    """Rows on the other side of (name, pk). The first condition is the one the index can use."""
    if backwards:
        return Q(display_name__lte=name) & (Q(display_name__lt=name) | Q(pk__lt=pk))
    return Q(display_name__gte=name) & (Q(display_name__gt=name) | Q(pk__gt=pk))


def _compiled(project: Project, wanted: PeopleFilter) -> tuple[str, Sequence[Any]] | None:
    people = matching(project, wanted).values_list("pk", "display_name")
    try:
        sql, params = people.query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, params


def _everybody(project: Project, place: Place | None, *, backwards: bool) -> list[Participant]:
    """The page of the whole list, straight from the index of names."""
    people = matching(project, ALL_ACTIVE)
    if place is not None:
        people = people.filter(_beyond(*place, backwards=backwards))
    found = list(_with_places(people).order_by(*(BACKWARDS if backwards else BY_NAME))[: PAGE + 1])
    return found[::-1] if backwards else found


def _with_places(people: "QuerySet[Participant]") -> "QuerySet[Participant]":
    """Each with ``places``: what the list shows of their cohorts."""
    rows = Membership.objects.filter(participant=OuterRef("pk"))
    places = rows.order_by("cohort__position", "pk").values(
        place=JSONObject(
            cohort_id="cohort_id",
            name="cohort__name",
            is_blocked=Q(blocked_since__isnull=False),
            is_deferred=Q(deferred_from__isnull=False),
        )
    )
    return people.annotate(places=ArraySubquery(places))
