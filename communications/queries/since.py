"""What has changed since an occurrence was approved: who joined, who left, its text, its date."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from cohorts.models import Participant
from communications.again import is_much_more, why_again
from communications.enums import OccurrenceState
from communications.models import Occurrence
from communications.queries.reach import EXAMPLES, Funnel
from communications.queries.rules import rules_of
from projects.models import Stakeholder


@dataclass(frozen=True, slots=True)
class Since:
    """``names`` are the first of those who joined. ``old_due_at``: None where it did not move.
    ``again`` says why somebody must approve it once more; empty where nobody must."""

    joined: int = 0
    left: int = 0
    names: tuple[str, ...] = ()
    old_revision: int | None = None
    old_due_at: datetime | None = None
    again: str = ""

    @property
    def is_any(self) -> bool:
        return bool(self.joined or self.left or self.old_revision or self.old_due_at or self.again)


def since_approval(occurrence: Occurrence, people: QuerySet[Any], found: Funnel) -> Since:
    """``people`` are those of the audience with_reasons, ``found`` is their funnel. Four queries
    at most."""
    if occurrence.state != OccurrenceState.APPROVED or occurrence.approved_count is None:
        return Since()
    joined, left, names = _people(occurrence, people, found)
    seen, due = occurrence.approved_revision, occurrence.approved_due_at
    return Since(
        joined=joined,
        left=left,
        names=names,
        old_revision=seen if seen not in (None, occurrence.message.revision) else None,
        old_due_at=due if due not in (None, occurrence.due_at) else None,
        again=approve_again(occurrence, found.reachable),
    )


def approve_again(occurrence: Occurrence, people: int) -> str:
    """Why it must be approved once more, if ``people`` get it now. What nobody approved by hand
    needs no hand now. One query."""
    if occurrence.approved_count is None or occurrence.approved_by_id is None:
        return ""
    return why_again(
        approved=occurrence.approved_count,
        people=people,
        second_above=rules_of(occurrence.project).second_above,
        is_seconded=occurrence.first_approved_by_id is not None,
        is_new_text=occurrence.approved_revision not in (None, occurrence.message.revision),
    )


def is_first_held(occurrence: Occurrence, people: int) -> bool:
    """Whether the first of two approvals is there and was for this text and about so many people:
    the second person must not decide about what the first has not seen."""
    seen, text = occurrence.approved_count, occurrence.approved_revision
    if occurrence.first_approved_by_id is None or seen is None:
        return False
    return text == occurrence.message.revision and not is_much_more(seen, people)


_BEFORE = """
    SELECT cardinality(people), (SELECT coalesce(sum(pk), 0) FROM unnest(people) AS one (pk))
    FROM communications_approvedaudience WHERE occurrence_id = %s
"""
NOBODY = "SELECT NULL::bigint WHERE false"
# {people} is the audience's own query of ids, made by Django; all values are parameters.
_DIFFERENCE = """
    WITH now (pk) AS ({people}),
    before (pk) AS (
        SELECT unnest(people) FROM communications_approvedaudience WHERE occurrence_id = %s
    ),
    joined AS (SELECT pk FROM now EXCEPT SELECT pk FROM before)
    SELECT (SELECT count(*) FROM joined),
           (SELECT count(*) FROM (SELECT pk FROM before EXCEPT SELECT pk FROM now) AS gone),
           ARRAY(SELECT pk FROM joined ORDER BY pk LIMIT %s)
"""


def _people(
    occurrence: Occurrence, people: QuerySet[Any], found: Funnel
) -> tuple[int, int, tuple[str, ...]]:
    before = _before(occurrence)
    if before is None or before == (found.reachable, found.mark):
        return 0, 0, ()
    sql, params = ids_of(people.filter(why=""))
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCE.format(people=sql), [*params, occurrence.pk, EXAMPLES])
        joined, left, pks = cursor.fetchone()
    return joined, left, _names(people.model, pks)


def _before(occurrence: Occurrence) -> tuple[int, int] | None:
    """How many it was approved for, and their mark; None where that was not kept."""
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, [occurrence.pk])
        row = cursor.fetchone()
    return (int(row[0]), int(row[1])) if row else None


def ids_of(people: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """A statement that lists the ids of ``people``, and its parameters."""
    try:
        sql, params = people.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return NOBODY, ()
    return sql, params


def _names(model: type[Participant] | type[Stakeholder], pks: list[int]) -> tuple[str, ...]:
    name = "display_name" if model is Participant else "name"
    return tuple(
        model._default_manager.filter(pk__in=pks).order_by(name).values_list(name, flat=True)
    )
