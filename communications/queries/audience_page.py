"""Everybody an occurrence is for, in pages by key, with why some get nothing. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from cohorts.models import Participant
from communications.models import Occurrence
from communications.queries.audience import recipient
from communications.queries.reach import GETS_IT, REASONS, with_reasons

PAGE = 50


@dataclass(frozen=True, slots=True)
class Meant:
    """``why`` is empty for those who get it."""

    name: str
    address: str
    department: str
    why: str | Promise


@dataclass(frozen=True, slots=True)
class AudiencePage:
    """``after`` is the key for the next page's address, None at the end."""

    rows: tuple[Meant, ...]
    after: int | None


def audience_page(
    occurrence: Occurrence, at: datetime, *, words: str = "", why: str = "", after: int | None
) -> AudiencePage:
    """Fifty people behind ``after``, in the order they were added."""
    people = meant(occurrence, at, words=words, why=why)
    if after is not None:
        people = people.filter(pk__gt=after)
    found = list(people[: PAGE + 1])
    shown = found[:PAGE]
    return AudiencePage(
        tuple(_meant(person) for person in shown), shown[-1].pk if len(found) > PAGE else None
    )


def meant(occurrence: Occurrence, at: datetime, *, words: str = "", why: str = "") -> QuerySet[Any]:
    """``why`` is one of REASONS or GETS_IT; empty means everybody. Filters are AND."""
    people = with_reasons(occurrence, at)
    if why:
        people = people.filter(why="" if why == GETS_IT else why)
    if words:
        name = "display_name" if people.model is Participant else "name"
        people = people.filter(Q(**{f"{name}__icontains": words}) | Q(reach__istartswith=words))
    return people.order_by("pk")


def cells(people: QuerySet[Any]) -> Iterator[tuple[object, ...]]:
    """Rows for a table file, read in chunks."""
    for person in people.iterator(chunk_size=2000):
        row = _meant(person)
        yield row.name, row.address, row.department, row.why


def _meant(person: Any) -> Meant:
    found = recipient(person)
    return Meant(
        found.name, found.address, getattr(person, "department", ""), REASONS.get(person.why, "")
    )
