"""Who is in which cohort, and who has left. A person is in at most one pilot and one wave.

Somebody who has switched with a cohort stays in it: the switch is a fact. Whoever leaves stays in
the cohort's history and is counted nowhere. Their waiting mail is taken back by the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import (
    PARTICIPANT_TRANSITIONS,
    CohortStatus,
    ParticipantStatus,
    Placement,
)
from cohorts.exceptions import CohortError
from cohorts.models import Cohort, Membership, Participant
from cohorts.services.capacity import refusing_full
from cohorts.services.placing import place
from common.exceptions import Conflict
from common.state import change_status
from projects.models import Project
from projects.services import events
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Assignment:
    """What an assignment did: new in a cohort of this kind, moved here, here before, not moved."""

    joined: int = 0
    moved: int = 0
    already: int = 0
    stayed: int = 0


@transaction.atomic
def assign_people(
    *,
    cohort: Cohort,
    participants: "QuerySet[Participant]",
    acting_user: "User | None",
    expected: int | None = None,
    placed_by: Placement = Placement.HAND,
    note: str = "",
) -> Assignment:
    """Put the active ones of ``participants`` into ``cohort``, out of another of its kind.

    People of other projects in the query are left out. ``expected`` is the number a person agreed
    to; ``note`` says in words why they are here. Raises Conflict when it is another one by now,
    CohortError where nobody may join, CohortFull where there are too few places.
    """
    cohort = open_for_joining(cohort)
    chosen = participants.filter(project=cohort.project_id, status=ParticipantStatus.ACTIVE)
    people = chosen.order_by().distinct().count()
    if expected is not None and expected != people:
        raise Conflict(
            _("The list has changed: %(n)s people match by now. Look at it once more.")
            % {"n": people}
        )
    # Counted before writing, because the query may ask for the very cohort people leave here.
    stayed = _held_elsewhere(cohort, chosen)
    joined, moved = upsert(cohort, *_ids(chosen), placed_by=placed_by, note=note)
    result = Assignment(joined, moved, people - joined - moved - stayed, stayed)
    if joined or moved:
        _record_assigned(cohort, result, acting_user)
    return result


def _record_assigned(cohort: Cohort, done: Assignment, acting_user: "User | None") -> None:
    people = done.joined + done.moved
    sentence = ngettext(
        "%(n)s person put into “%(name)s”.", "%(n)s people put into “%(name)s”.", people
    )
    events.record(
        project=cohort.project,
        verb="cohort.people_assigned",
        sentence=sentence % {"n": people, "name": cohort.name},
        acting_user=acting_user,
        subject=cohort,
        data={"joined": done.joined, "moved": done.moved},
    )


@transaction.atomic
def unassign(
    *, cohort: Cohort, participants: "QuerySet[Participant]", acting_user: "User | None"
) -> int:
    """Take people out of ``cohort``, but for those who switched with it; returns how many went."""
    require_open(cohort.project)
    lock_row(cohort)
    rows = Membership.objects.filter(
        cohort=cohort, switched_at=None, participant__in=participants.order_by().values("pk")
    )
    gone, _kinds = rows.delete()
    if gone:
        events.record(
            project=cohort.project,
            verb="cohort.people_removed",
            sentence=ngettext(
                "%(n)s person taken out of “%(name)s”.",
                "%(n)s people taken out of “%(name)s”.",
                gone,
            )
            % {"n": gone, "name": cohort.name},
            acting_user=acting_user,
            subject=cohort,
        )
    return gone


@transaction.atomic
def leave(*, participant: Participant, acting_user: "User | None") -> Participant:
    """Somebody is not to be upgraded any more. Twice is a StaleState."""
    require_open(participant.project)
    change_status(
        participant, ParticipantStatus.LEFT, transitions=PARTICIPANT_TRANSITIONS, left_at=now()
    )
    events.record(
        project=participant.project,
        verb="participant.left",
        # No name: the record outlives a person's erasure.
        sentence=_("One person has left and is not counted any more."),
        acting_user=acting_user,
        subject=participant,
    )
    return participant


@transaction.atomic
def rejoin(*, participant: Participant, acting_user: "User | None") -> Participant:
    """Somebody who left is back, in the cohorts of before. What was sent is not sent again.

    Raises CohortFull where their place was given to somebody else.
    """
    require_open(participant.project)
    with refusing_full():
        change_status(
            participant,
            ParticipantStatus.ACTIVE,
            transitions=PARTICIPANT_TRANSITIONS,
            left_at=None,
        )
    stamp_latecomers(participant.project)
    events.record(
        project=participant.project,
        verb="participant.rejoined",
        sentence=_("One person who had left is back."),
        acting_user=acting_user,
        subject=participant,
    )
    return participant


def open_for_joining(cohort: Cohort) -> Cohort:
    """The cohort, locked against a switch at the same moment; CohortError where it is over."""
    require_open(cohort.project)
    locked = lock_row(cohort)
    if locked.status in (CohortStatus.FINISHED, CohortStatus.CANCELLED):
        raise CohortError(
            _("“%(name)s” is %(status)s, so nobody joins it. Choose another cohort.")
            % {"name": locked.name, "status": locked.get_status_display()}
        )
    return locked


def _held_elsewhere(cohort: Cohort, chosen: "QuerySet[Participant]") -> int:
    return (
        Membership.objects.filter(
            kind=cohort.kind,
            switched_at__isnull=False,
            participant__in=chosen.order_by().values("pk"),
        )
        .exclude(cohort=cohort)
        .count()
    )


def stamp_latecomers(project: Project) -> None:
    """Active people of switched cohorts without a stamp have just come (back): they get one now."""
    Membership.objects.filter(
        cohort__project=project,
        cohort__status__in=[CohortStatus.SWITCHED, CohortStatus.FINISHED],
        participant__status=ParticipantStatus.ACTIVE,
        switched_at=None,
    ).update(switched_at=now())


def upsert(
    cohort: Cohort,
    chosen: str,
    params: Sequence[Any],
    *,
    placed_by: Placement = Placement.HAND,
    note: str = "",
) -> tuple[int, int]:
    """Put the ids of the subquery ``chosen`` into ``cohort``; how many joined and moved.

    ``note`` says in words why they are here. Raises CohortFull; nothing is written then.
    """
    query = f"SELECT chosen.id, %s::bigint, %s::text FROM ({chosen}) AS chosen(id)"  # noqa: S608
    done = place(query, [cohort.pk, note, *params], placed_by=placed_by)
    return done.joined, done.moved


def _ids(chosen: "QuerySet[Participant]") -> tuple[str, Sequence[Any]]:
    try:
        sql, params = chosen.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint WHERE FALSE", ()
    return sql, params
