"""A running project in any state, a random new date for one of its cohorts, and whole snapshots."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from django.db.models import Model

from cohorts.enums import CohortStatus
from cohorts.models import Cohort, Deferral, Membership, Participant
from cohorts.switching import SwitchDates
from communications.enums import DeliveryState, OccurrenceState
from communications.models import Delivery, Message, Occurrence
from communications.queries.dated import names_date
from projects.models import FreezeWindow, Gate, Milestone, Project, Step
from surveys.enums import SurveyStatus
from surveys.models import Survey

WATCHED: tuple[type[Model], ...] = (
    Project, Cohort, Membership, Participant, Deferral, Message, Occurrence, Survey,
    Step, Milestone, FreezeWindow, Gate,
)  # fmt: skip
BEGUN = (OccurrenceState.EXPANDING, OccurrenceState.SENDING, OccurrenceState.DONE)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC")
TOLD_BY = (DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.UNCERTAIN)

Row = Mapping[str, Any]
Snapshot = dict[str, dict[Any, Row]]


def snapshot() -> Snapshot:
    """{table: {key: every column}} of all that a move could touch.

    A mail is known by its Message-ID, for what a worker held gets another id.
    """
    found = {
        model._meta.label: {row["id"]: row for row in model._default_manager.values()}
        for model in WATCHED
    }
    found["communications.Delivery"] = {
        row["message_id"]: {k: v for k, v in row.items() if k != "id"}
        for row in Delivery.objects.values()
    }
    return found


def differences(before: Snapshot, after: Snapshot) -> dict[tuple[str, Any], dict[str, Any]]:
    """{(table, pk): {column: new value}}; a new row has all its columns, a lost one is empty."""
    found: dict[tuple[str, Any], dict[str, Any]] = {}
    for table in before:
        for pk in before[table].keys() | after[table].keys():
            old, new = before[table].get(pk, {}), after[table].get(pk, {})
            if old != new:
                found[table, pk] = {k: v for k, v in new.items() if old.get(k, ...) != v}
    return found


def shuffle(project: Project, random: Random, at: datetime) -> None:
    """Everything in some state or other that the product could have brought about."""
    people = list(Participant.objects.filter(project=project).order_by("pk"))
    occurrences = list(Occurrence.objects.filter(project=project).order_by("pk"))
    members: dict[int, set[int]] = {}
    for cohort, person in Membership.objects.values_list("cohort", "participant"):
        members.setdefault(cohort, set()).add(person)
    rows = []
    for one in occurrences:
        known = [p for p in people if p.pk in members.get(one.cohort_id or 0, ())]
        rows += _shuffled(one, known, random, at)
    Occurrence.objects.bulk_update(occurrences, ["state", "wall_at"])
    Delivery.objects.bulk_create(rows)
    steps = list(Step.objects.filter(project=project).order_by("pk"))
    for step in steps:
        step.status = random.choice(["todo", "todo", "blocked", "active", "done", "skipped"])
        step.done_at = at if step.status == "done" else None
    Step.objects.bulk_update(steps, ["status", "done_at"])
    reached = Milestone.objects.filter(project=project, on__lte=at.date())
    reached.update(reached_on=at.date())
    opened = random.sample(list(Survey.objects.filter(project=project).order_by("pk")), 1)
    Survey.objects.filter(pk=opened[0].pk).update(
        status=SurveyStatus.OPEN, opened_at=at, closes_at=at + timedelta(days=9)
    )
    some = random.choice(people)
    Participant.objects.filter(pk=some.pk).update(status="left")


def _shuffled(
    occurrence: Occurrence, people: list[Participant], random: Random, at: datetime
) -> list[Delivery]:
    """The occurrence in some state, not saved, and the rows it would have by then."""
    likely = (OccurrenceState.PLANNED, OccurrenceState.APPROVED)
    occurrence.state = random.choice([*OccurrenceState, *likely])
    if random.random() < 0.1 and occurrence.due_at:
        occurrence.wall_at = None  # a person ordered it
    if occurrence.state not in BEGUN:
        return []
    states = [DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SKIPPED]
    if occurrence.state != OccurrenceState.DONE:
        states += [DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SENDING]
    states += [DeliveryState.UNCERTAIN]
    return [
        _delivery(occurrence, person, random.choice(states), random, at)
        for person in people
        if random.random() < 0.6
    ]


def _delivery(
    occurrence: Occurrence, person: Participant, state: str, random: Random, at: datetime
) -> Delivery:
    row = Delivery(
        occurrence=occurrence, participant=person, recipient_key=f"p:{person.pk}", state=state
    )
    if state == DeliveryState.SENT and random.random() < 0.9:
        row.sent_at = at - timedelta(minutes=random.randrange(1, 9000))
    if state in (DeliveryState.CLAIMED, DeliveryState.SENDING):
        row.owner, row.lease_until = uuid4(), at + timedelta(minutes=2)
    return row


def new_dates(cohort: Cohort, random: Random, today: date) -> SwitchDates:
    # Often near, so that something of the cohort falls on these very days.
    near = random.choice([0, 1, 5, 7, 11, 12, 21, 22])
    switch_on = today + timedelta(days=random.choice([near, random.randrange(400)]))
    return SwitchDates(
        switch_on=switch_on,
        switch_time=random.choice([cohort.switch_time, time(2, 30), time(23, 59), time(7)]),
        timezone=random.choice([cohort.timezone, *ZONES]),
        ends_on=switch_on + timedelta(days=random.randrange(60)),
    )


def told_by_hand(cohort: Cohort) -> set[int]:
    """Who knows the date, counted the slow way."""
    members = Participant.objects.filter(status="active", memberships__cohort=cohort)
    rows = Delivery.objects.filter(occurrence__cohort=cohort, state__in=TOLD_BY)
    told = {
        row.participant_id
        for row in rows.select_related("occurrence__message")
        if names_date(row.occurrence.message)
    }
    return {person.pk for person in members if person.pk in told}


def planned(project: Project) -> list[Cohort]:
    return list(project.cohorts.filter(status=CohortStatus.PLANNED).order_by("pk"))
