"""Reads for the people list: one filter for the page, the figure, the assignment and the export.

Pages are key-set: they cost the same at the end of a million people as at the beginning.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import FilteredRelation, Prefetch, Q, QuerySet
from django.utils.text import capfirst

from cohorts.enums import CohortKind, ParticipantStatus
from cohorts.models import Cohort, Membership, Participant
from cohorts.roster.columns import EXPORT_NAMES
from projects.models import Project

PAGE = 50
MOST_DEPARTMENTS = 500
EVERYBODY = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    """What the list's address says; empty means "all", several mean "and"."""

    q: str = ""
    department: str = ""
    cohort: Cohort | None = None
    is_without_cohort: bool = False
    status: str = ParticipantStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """``before`` and ``after`` are ids for the neighbouring pages' addresses, None at an end."""

    people: tuple[Participant, ...]
    total: int
    before: int | None
    after: int | None


def matching(project: Project, wanted: PeopleFilter) -> "QuerySet[Participant]":
    """Everybody ``wanted`` asks for, once each, in no order. ``q`` is part of a name or address."""
    people = Participant.objects.filter(project=project)
    if wanted.status != EVERYBODY:
        people = people.filter(status=wanted.status)
    if wanted.q:
        people = people.filter(
            Q(display_name__icontains=wanted.q)
            | Q(key__icontains=wanted.q)
            | Q(mail__icontains=wanted.q)
        )
    if wanted.department:
        people = people.filter(department=wanted.department)
    if wanted.cohort is not None:
        people = people.in_cohort(wanted.cohort)
    elif wanted.is_without_cohort:
        people = people.filter(memberships=None)
    return people.order_by()


def people_page(
    project: Project,
    wanted: PeopleFilter,
    *,
    after: int | None = None,
    before: int | None = None,
) -> PeoplePage:
    """Fifty people by name behind ``after`` or in front of ``before`` (ids), with their cohorts.

    An id that is not in the project begins at the beginning.
    """
    people = matching(project, wanted)
    total = people.count()
    here = _place(project, before if before is not None else after)
    backwards = before is not None and here is not None
    if here is not None:
        people = people.filter(_beyond(*here, backwards=backwards))
    order = ("-display_name", "-pk") if backwards else ("display_name", "pk")
    found = list(people.order_by(*order).prefetch_related(_memberships())[: PAGE + 1])
    is_more = len(found) > PAGE
    shown = found[:PAGE][::-1] if backwards else found[:PAGE]
    if not shown:
        return PeoplePage((), total, None, None)
    has_before = is_more if backwards else here is not None
    has_after = backwards or is_more
    return PeoplePage(
        tuple(shown),
        total,
        shown[0].pk if has_before else None,
        shown[-1].pk if has_after else None,
    )


def departments(project: Project) -> list[str]:
    """The departments people name, by name; the first 500."""
    rows = Participant.objects.filter(project=project).exclude(department="").order_by("department")
    return list(rows.values_list("department", flat=True).distinct()[:MOST_DEPARTMENTS])


def memberships_of(participant: Participant) -> "QuerySet[Membership]":
    """A person's cohorts, the pilot first."""
    return participant.memberships.select_related("cohort").order_by("cohort__position", "pk")


def facts_of(participant: Participant) -> tuple[tuple[str, str], ...]:
    """(what, value) of every fact the roster gave; no query."""
    words = {field.name: field.verbose_name for field in Participant._meta.concrete_fields}
    names = [name for name in EXPORT_NAMES if name != "display_name"]
    facts = ((str(capfirst(words[name])), str(getattr(participant, name))) for name in names)
    return tuple((what, value) for what, value in facts if value)


EXPORT_HEADER = (*EXPORT_NAMES.values(), "pilot", "wave", "status")


def export_rows(project: Project, wanted: PeopleFilter) -> Iterator[tuple[str | None, ...]]:
    """Everybody ``wanted`` asks for, under EXPORT_HEADER, by name: one statement, one snapshot."""
    people = matching(project, wanted)
    for kind in (CohortKind.PILOT, CohortKind.WAVE):
        # Joined under a name of its own, because the filter may join the memberships as well.
        alias = f"in_{kind}"
        people = people.annotate(
            **{alias: FilteredRelation("memberships", condition=Q(memberships__kind=kind))}
        )
    cells = (*EXPORT_NAMES, "in_pilot__cohort__name", "in_wave__cohort__name", "status")
    rows = people.order_by("display_name", "pk").values_list(*cells)
    yield from rows.iterator(chunk_size=2000)


def _place(project: Project, pk: int | None) -> tuple[str, int] | None:
    if pk is None:
        return None
    rows = Participant.objects.filter(project=project, pk=pk)
    return rows.values_list("display_name", "pk").first()


def _beyond(name: str, pk: int, *, backwards: bool) -> Q:
    """Rows on the other side of (name, pk). The first condition is the one the index can use."""
    if backwards:
        return Q(display_name__lte=name) & (Q(display_name__lt=name) | Q(pk__lt=pk))
    return Q(display_name__gte=name) & (Q(display_name__gt=name) | Q(pk__gt=pk))


def _memberships() -> "Prefetch[Any]":
    rows = Membership.objects.select_related("cohort").order_by("cohort__position", "pk")
    return Prefetch("memberships", queryset=rows)
