"""Makes and moves occurrences: from the plan, for a survey's reminder, or because a person says
now. What is being sent or was sent is never touched.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from common.doorbell import ring
from common.exceptions import Conflict
from communications.enums import Channel, MessageStatus, OccurrenceState
from communications.exceptions import OrderRefused
from communications.models import Message, Occurrence
from communications.queries.planning import (
    PROJECT_KEY,
    PlannedOccurrence,
    cohort_key,
    plan_occurrences,
    zone_of,
)
from communications.services.approval import (
    PUMP,
    approve_as_due,
    approve_now,
    due_now,
    record_occurrence,
    words,
)
from communications.services.pipeline.clock import database_now
from projects.models import Project
from projects.schedule import Anchors
from projects.services.events import record

if TYPE_CHECKING:
    from accounts.models import User

__all__ = [
    "create_occurrences",
    "order_now",
    "plan_occurrences",
    "recompute_occurrences",
    "schedule_occurrence",
]
MOVABLE = (OccurrenceState.PLANNED, OccurrenceState.APPROVED)


@transaction.atomic
def create_occurrences(
    *, project: Project, anchors: Anchors, acting_user: "User | None"
) -> list[Occurrence]:
    """The occurrences of the plan that do not exist yet; each needs approval."""
    known = set(project.occurrences.values_list("message_id", "anchor_key"))
    made = Occurrence.objects.bulk_create(
        [
            _from_plan(project, planned)
            for planned in plan_occurrences(project=project, anchors=anchors)
            if (planned.message_id, planned.anchor_key) not in known
        ]
    )
    if made:
        record(
            project=project,
            verb="occurrences.planned",
            sentence=ngettext(
                "%(n)s sending was planned.", "%(n)s sendings were planned.", len(made)
            )
            % {"n": len(made)},
            acting_user=acting_user,
        )
    return made


@transaction.atomic
def recompute_occurrences(*, project: Project, anchors: Anchors, acting_user: "User | None") -> int:
    """Move what follows the plan and is neither sent nor being sent; returns how many moved.

    Idempotent. What a person ordered for a moment of their own stays where it is.
    """
    plan = {
        (planned.message_id, planned.anchor_key): planned
        for planned in plan_occurrences(project=project, anchors=anchors)
    }
    rows = project.occurrences.select_for_update().filter(
        Q(wall_at__isnull=False) | Q(due_at__isnull=True), state__in=MOVABLE
    )
    moved = []
    for row in rows:
        planned = plan.get((row.message_id, row.anchor_key))
        if planned is not None and _dates(row) != _planned_dates(planned):
            _set_dates(row, planned)
            moved.append(row)
    Occurrence.objects.bulk_update(moved, ["wall_at", "timezone", "due_at", "not_after"])
    if moved:
        record(
            project=project,
            verb="occurrences.moved",
            sentence=ngettext("%(n)s sending was moved.", "%(n)s sendings were moved.", len(moved))
            % {"n": len(moved)},
            acting_user=acting_user,
            data={"occurrences": [row.pk for row in moved]},
        )
    return len(moved)


@transaction.atomic
def schedule_occurrence(
    *,
    message: Message,
    cohort: Cohort | None,
    anchor_key: str,
    due_at: datetime,
    acting_user: "User | None",
    is_approved: bool,
    not_after: datetime | None = None,
) -> Occurrence:
    """One sending at an instant somebody worked out (a survey's nth reminder).

    ``anchor_key`` says which one it is: asking again for the same returns the one there is,
    unchanged. ``not_after`` defaults to the message's own rule.
    """
    occurrence, is_new = _get_or_create(message, cohort, anchor_key)
    if not is_new:
        return occurrence
    also = due_now(occurrence, due_at)
    if not_after is not None:
        also["not_after"] = not_after
    for name, value in also.items():
        setattr(occurrence, name, value)
    occurrence.save(update_fields=list(also))
    sentence = _("“%(what)s” was scheduled.") % {"what": words(occurrence)}
    record_occurrence(occurrence, "occurrence.scheduled", sentence, acting_user)
    if is_approved:
        approve_as_due(occurrence, acting_user, due_at)
    return occurrence


@transaction.atomic
def order_now(
    *,
    message: Message,
    cohort: Cohort | None,
    acting_user: "User | None",
    at: datetime | None = None,
) -> Occurrence:
    """Approve this message for this cohort (None: for the project) and make it due now.

    Ordering it again returns the same occurrence, unchanged once it is due, being sent or sent.
    ``at`` is the database's now unless given. OrderRefused says why it cannot go out.
    """
    at = at or database_now()
    key = cohort_key(cohort.pk) if cohort else PROJECT_KEY
    _refuse_impossible(message, cohort)
    occurrence, _is_new = _get_or_create(message, cohort, key)
    state = occurrence.state
    if state in (OccurrenceState.EXPANDING, OccurrenceState.SENDING, OccurrenceState.DONE):
        return occurrence
    if state == OccurrenceState.APPROVED and occurrence.due_at and occurrence.due_at <= at:
        return occurrence
    _refuse_stopped(message, occurrence)
    if state == OccurrenceState.APPROVED:
        _bring_forward(occurrence, at, acting_user)
    else:
        approve_now(occurrence, acting_user, at)
    return occurrence


def _refuse_impossible(message: Message, cohort: Cohort | None) -> None:
    title = message.title
    if message.channel == Channel.BANNER:
        raise OrderRefused(
            _("“%(title)s” is a banner that the product shows; it is not mailed.")
            % {"title": title}
        )
    if message.cohort_kind and cohort is None:
        raise OrderRefused(
            _("“%(title)s” goes to one cohort at a time. Say which.") % {"title": title}
        )
    if cohort is None:
        return
    if not message.cohort_kind:
        raise OrderRefused(
            _("“%(title)s” goes to the whole project at once. Leave the cohort out.")
            % {"title": title}
        )
    if cohort.project_id != message.project_id:
        raise OrderRefused(_("This cohort belongs to another project."))
    if cohort.status == CohortStatus.CANCELLED:
        raise OrderRefused(
            _("%(cohort)s was cancelled, so nothing is sent to it.") % {"cohort": cohort.name}
        )


def _refuse_stopped(message: Message, occurrence: Occurrence) -> None:
    if message.status == MessageStatus.PAUSED:
        raise OrderRefused(_("“%(title)s” is paused. Resume it first.") % {"title": message.title})
    if message.status == MessageStatus.CANCELLED or occurrence.state == OccurrenceState.CANCELLED:
        raise OrderRefused(
            _("“%(what)s” was cancelled, so it is not sent any more.") % {"what": words(occurrence)}
        )


def _get_or_create(
    message: Message, cohort: Cohort | None, anchor_key: str
) -> tuple[Occurrence, bool]:
    """The occurrence, locked. The unique key makes two who order at once meet in one row."""
    _row, is_new = Occurrence.objects.get_or_create(
        message=message,
        anchor_key=anchor_key,
        defaults={
            "project": message.project,
            "cohort": cohort,
            "timezone": zone_of(message.project, message, cohort),
        },
    )
    occurrence = Occurrence.objects.select_for_update().get(pk=_row.pk)
    occurrence.message, occurrence.cohort = message, cohort
    occurrence.project = message.project
    return occurrence, is_new


def _bring_forward(occurrence: Occurrence, at: datetime, acting_user: "User | None") -> None:
    """Approved for later, ordered for now. The row is locked, the state cannot move meanwhile."""
    also = due_now(occurrence, at)
    rows = Occurrence.objects.filter(pk=occurrence.pk, state=OccurrenceState.APPROVED)
    if not rows.update(**also):
        raise Conflict(_("It is being sent already."))
    for name, value in also.items():
        setattr(occurrence, name, value)
    sentence = _("“%(what)s” was ordered for now.") % {"what": words(occurrence)}
    record_occurrence(occurrence, "occurrence.ordered", sentence, acting_user)
    ring(PUMP)


def _from_plan(project: Project, planned: PlannedOccurrence) -> Occurrence:
    occurrence = Occurrence(
        project=project,
        message_id=planned.message_id,
        cohort_id=planned.cohort_id,
        anchor_key=planned.anchor_key,
    )
    _set_dates(occurrence, planned)
    return occurrence


def _dates(row: Occurrence) -> Sequence[object]:
    return (row.wall_at, row.timezone, row.due_at, row.not_after)


def _planned_dates(planned: PlannedOccurrence) -> Sequence[object]:
    at = planned.moment
    if at is None:
        return (None, planned.timezone, None, None)
    return (at.wall_at, at.timezone, at.due_at, at.not_after)


def _set_dates(row: Occurrence, planned: PlannedOccurrence) -> None:
    at = planned.moment
    row.timezone = planned.timezone
    row.wall_at = at.wall_at if at else None
    row.due_at = at.due_at if at else None
    row.not_after = at.not_after if at else None
