"""Occurrences that need a person: uncertain, failed, missed, waiting for approval. Two queries."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from common.dates import local_day
from communications.audience_kinds import COHORT
from communications.enums import (
    DELIVERED,
    ITEMS,
    DeliveryState,
    MessageStatus,
    OccurrenceState,
)
from communications.models import Occurrence
from communications.queries.ledger import ledgers
from projects.models import Project

TROUBLE = (DeliveryState.UNCERTAIN, DeliveryState.QUARANTINED, DeliveryState.FAILED)
LOOK_AHEAD = timedelta(days=7)
# For an approval, or, once its last moment has passed, for any decision: banners and posters too.
WAITS = Q(state=OccurrenceState.PLANNED, message__channel__in=DELIVERED) | Q(
    state=OccurrenceState.MISSED
)


@dataclass(frozen=True, slots=True)
class TroubledOccurrence:
    """``count`` mails of one occurrence in one troubled state."""

    occurrence_pk: int
    state: str
    word: str
    where: str
    count: int


@dataclass(frozen=True, slots=True)
class WaitingOccurrence:
    """Due soon and not approved, or missed. ``due_on`` is the day on the occurrence's own clock.

    ``people``: how many it was approved for, if it was; ``cohort_pk``: whose people are all meant.
    """

    occurrence_pk: int
    title: str
    where: str
    due_on: date
    is_missed: bool
    is_item: bool = False
    people: int | None = None
    cohort_pk: int | None = None


def troubled_occurrences(project: Project) -> tuple[TroubledOccurrence, ...]:
    """By occurrence and state. Two queries."""
    places = {
        pk: _where(title, cohort)
        for pk, title, cohort in project.occurrences.order_by("pk").values_list(
            "pk", "message__title", "cohort__name"
        )
    }
    return tuple(
        TroubledOccurrence(
            occurrence_pk=pk,
            state=state,
            word=str(state.label).capitalize(),
            where=places[pk],
            count=ledger[state],
        )
        for pk, ledger in ledgers(places).items()
        for state in sorted(TROUBLE)
        if ledger[state]
    )


def waiting_occurrences(project: Project, at: datetime) -> tuple[WaitingOccurrence, ...]:
    """Of active messages: what is sent and due in a week (or past) without approval, and whatever
    was missed."""
    rows = (
        Occurrence.objects.filter(
            WAITS,
            project=project,
            message__status=MessageStatus.ACTIVE,
            due_at__lt=at + LOOK_AHEAD,
        )
        .select_related("message", "cohort")
        .order_by("due_at", "pk")
    )
    return tuple(
        WaitingOccurrence(
            occurrence_pk=row.pk,
            title=row.message.title,
            where=row.cohort.name if row.cohort else "",
            due_on=row.wall_at.date() if row.wall_at else local_day(row.due_at, row.timezone),
            is_missed=row.state == OccurrenceState.MISSED,
            is_item=row.message.channel in ITEMS,
            people=row.approved_count,
            cohort_pk=row.cohort_id if row.message.audience_kind == COHORT else None,
        )
        for row in rows
        if row.due_at is not None
    )


def _where(message: str, cohort: str | None) -> str:
    return f"{message}, {cohort}" if cohort else message


def going_out_next(project: Project, at: datetime, limit: int = 6) -> QuerySet[Occurrence]:
    """The next mails and posts of active messages, approved or not, and what is on its way. One
    query."""
    return (
        Occurrence.objects.filter(
            Q(due_at__gte=at) | Q(state__in=(OccurrenceState.EXPANDING, OccurrenceState.SENDING)),
            project=project,
            state__in=(
                OccurrenceState.PLANNED,
                OccurrenceState.APPROVED,
                OccurrenceState.EXPANDING,
                OccurrenceState.SENDING,
            ),
            message__status=MessageStatus.ACTIVE,
            message__channel__in=DELIVERED,
        )
        .select_related("message", "cohort")
        .order_by("due_at", "pk")[:limit]
    )
