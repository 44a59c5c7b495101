"""A switch that moves: what was shown is what happens, and whoever was told hears of it once."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from accounts.models import User
from cohorts.models import Cohort
from cohorts.switching import SwitchDates
from common.dates import instant
from communications.again import NO_APPROVAL
from communications.enums import OccurrenceState
from communications.models import Delivery, Message, Occurrence
from communications.services.pipeline.clock import database_now
from communications.services.pipeline.expand import expand_all
from communications.services.pipeline.plan import mark_missed, start_due
from projects.models import Project
from rollout.queries.reschedule import plan_reschedule
from rollout.reschedule import Effect, Kind, ReschedulePlan
from rollout.services.reschedule import Rescheduled, apply_reschedule
from tests.factories.cohorts import CohortFactory
from tests.factories.communications import MessageFactory, OccurrenceFactory
from tests.rollout.rescheduling import (
    differences,
    new_dates,
    planned,
    shuffle,
    snapshot,
    told_by_hand,
)
from tests.rollout.whole import add_people, whole_project

pytestmark = pytest.mark.django_db
PLANS, PARTS = 200, 4
PLAYBOOKS = ("teams-upgrade", "windows-refresh")
OCCURRENCE, DELIVERY = "communications.Occurrence", "communications.Delivery"
TABLES = {
    Kind.SURVEY: ("surveys.Survey", ("opens_on",)),
    Kind.STEP: ("projects.Step", ("starts_on", "ends_on")),
    Kind.MILESTONE: ("projects.Milestone", ("on",)),
}


def running_project(manager: User, key: str) -> Project:
    """In its middle today, with three people in each cohort."""
    starts_on = database_now().date() - timedelta(days=170)
    starts_on -= timedelta(days=starts_on.weekday())
    project = whole_project(manager, key, starts_on=starts_on)
    for cohort in project.cohorts.all():
        add_people(cohort, 3)
    return project


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_shown_is_what_happens(manager: User, part: int) -> None:
    """Two hundred random plans in random states, every column of every row compared."""
    project = running_project(manager, PLAYBOOKS[part % 2])
    seen: Counter[str] = Counter()
    for number in range(part, PLANS, PARTS):
        with transaction.atomic():
            seen += check_one(project, manager, Random(number))  # noqa: S311 - not a secret
            transaction.set_rollback(True)
    # A test of random plans is worth what it has met; these two are rare, and tested by hand.
    rare = {Effect.AT_ONCE, Effect.OVERDUE}
    assert {effect for effect in Effect if not seen[effect]} <= rare
    assert seen["corrections"] > PLANS / PARTS / 5
    assert seen["nobody told"] > PLANS / PARTS / 20


def check_one(project: Project, manager: User, random: Random) -> Counter[str]:
    at = database_now()
    shuffle(project, random, at)
    cohort = random.choice(planned(project))
    first = move_and_compare(cohort, manager, random)
    if random.random() < 0.3:
        again = move_and_compare(Cohort.objects.get(pk=cohort.pk), manager, random)
        return effects(first) + effects(again)
    return effects(first)


def effects(done: Rescheduled) -> Counter[str]:
    met = Counter(str(change.effect) for change in done.plan.changes)
    met["corrections" if done.correction else "nobody told"] += 1
    return met


def move_and_compare(cohort: Cohort, manager: User, random: Random) -> Rescheduled:
    at = database_now()
    new = new_dates(cohort, random, at.date() + timedelta(days=1))
    plan = plan_reschedule(cohort=cohort, new=new, at=at)
    told, before = told_by_hand(cohort), snapshot()
    done = apply_reschedule(cohort=cohort, new=new, acting_user=manager, seen_digest=plan.digest)
    after = snapshot()
    assert differences(before, after) == expected(plan, before, after, done)
    assert (plan.told, plan.digest) == (len(told), done.plan.digest)
    check_correction(done, told)
    if random.random() < 0.2:
        check_missed(plan)
    return done


def expected(
    plan: ReschedulePlan, before: Mapping[str, Any], after: Mapping[str, Any], done: Rescheduled
) -> dict[tuple[str, Any], dict[str, Any]]:
    """What the plan says, as differences of snapshots."""
    found: dict[tuple[str, Any], dict[str, Any]] = {}
    cohort = before["cohorts.Cohort"][plan.cohort_pk]
    new = {name: getattr(plan.new, name) for name in plan.new.__slots__}
    found["cohorts.Cohort", plan.cohort_pk] = {
        **{name: value for name, value in new.items() if cohort[name] != value},
        "calendar_sequence": cohort["calendar_sequence"] + 1,
    }
    for change in plan.changing:
        if change.kind == Kind.MESSAGE:
            row = of_message(change.effect, change.new, before[OCCURRENCE][change.pk], after)
            found[OCCURRENCE, change.pk] = row
            continue
        table, columns = TABLES[change.kind]
        row = dict(zip(columns, change.new, strict=True))
        if change.kind == Kind.STEP:
            row["length_days"] = (change.new[1] - change.new[0]).days + 1
        old = before[table][change.pk]
        found[table, change.pk] = {k: v for k, v in row.items() if old[k] != v}
    for pk, row in before[OCCURRENCE].items():
        if row["cohort_id"] == plan.cohort_pk:
            version = {"values_version": row["values_version"] + 1}
            found[OCCURRENCE, pk] = {**found.get((OCCURRENCE, pk), {}), **version}
    found |= of_deliveries(plan, before)
    if done.correction is not None:
        found[OCCURRENCE, done.correction.pk] = after[OCCURRENCE][done.correction.pk]
        message = done.correction.message_id
        found["communications.Message", message] = after["communications.Message"][message]
    return found


def of_message(
    effect: Effect, new: tuple[Any, ...], old: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    if effect == Effect.REPLACED:
        finished_at = after[OCCURRENCE][old["id"]]["finished_at"]
        return {"state": "cancelled", "finished_at": finished_at}
    due_at, not_after, zone = new
    wall_at = due_at and wall_of(old["message_id"], due_at, zone)
    row = {"due_at": due_at, "not_after": not_after, "timezone": zone, "wall_at": wall_at}
    if effect == Effect.REVIVED:
        row["state"] = "planned"
    return {k: v for k, v in row.items() if old[k] != v}


def wall_of(message: int, due_at: datetime, zone: str) -> datetime:
    """What the rule's clock shows: the time of day of the rule, on the day of the instant."""
    wall = Message.objects.values_list("wall_time", flat=True).get(pk=message)
    day = due_at.astimezone(ZoneInfo(zone)).date()
    assert instant(day, wall, zone) == due_at
    return datetime.combine(day, wall, tzinfo=due_at.tzinfo)


def of_deliveries(plan: ReschedulePlan, before: Mapping[str, Any]) -> dict[Any, Any]:
    """What workers held is given back; what waits of a correction that is replaced is cancelled."""
    replaced = {c.pk for c in plan.changes if c.effect == Effect.REPLACED}
    own = {pk for pk, row in before[OCCURRENCE].items() if row["cohort_id"] == plan.cohort_pk}
    found = {}
    for key, row in before[DELIVERY].items():
        if row["occurrence_id"] in replaced and row["state"] in ("queued", "claimed"):
            held = {"owner": None, "lease_until": None} if row["state"] == "claimed" else {}
            found[DELIVERY, key] = {"state": "cancelled", "reason": "cancelled", **held}
        elif row["occurrence_id"] in own and row["state"] == "claimed":
            found[DELIVERY, key] = {"state": "queued", "owner": None, "lease_until": None}
    return found


def check_correction(done: Rescheduled, told: set[int]) -> None:
    """Expanded as a worker does it, it goes to those who were told, and to each of them once."""
    assert (done.correction is not None) == bool(told)
    if done.correction is None:
        return
    row = Occurrence.objects.get(pk=done.correction.pk)
    number = Cohort.objects.get(pk=row.cohort_id).calendar_sequence
    assert (row.anchor_key, row.state) == (f"cohort:{row.cohort_id}:m{number}", "approved")
    assert (row.approved_count, row.due_at) == (len(told), row.not_after - timedelta(days=7))
    with transaction.atomic():
        start_due(database_now())
        expand_all(database_now())
        rows = Delivery.objects.filter(occurrence=row)
        assert sorted(rows.values_list("participant", flat=True)) == sorted(told)
        transaction.set_rollback(True)


def check_missed(plan: ReschedulePlan) -> None:
    """What is said to be missed is what the planner will call so, of all that moves."""
    moved = {c.pk: c.effect for c in plan.changing if c.kind == Kind.MESSAGE and c.old != c.new}
    with transaction.atomic():
        mark_missed(database_now())
        missed = Occurrence.objects.filter(pk__in=moved, state="missed")
        assert set(missed.values_list("pk", flat=True)) == {
            pk for pk, effect in moved.items() if effect == Effect.MISSED
        }
        transaction.set_rollback(True)


AT = datetime(2031, 5, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "due_in_days", "effect"),
    [
        ("planned", 3, Effect.MOVES),
        ("approved", 3, Effect.MOVES),
        ("planned", -1, Effect.OVERDUE),
        ("approved", -1, Effect.AT_ONCE),
        ("planned", -9, Effect.MISSED),
        ("approved", -9, Effect.MISSED),
        ("missed", 3, Effect.REVIVED),
    ],
)
def test_what_becomes_of_a_message_that_moves(state: str, due_in_days: int, effect: str) -> None:
    """A message may be three days late."""
    cohort = CohortFactory(switch_on=date(2031, 9, 1), ends_on=date(2031, 9, 9))
    message = MessageFactory(
        project=cohort.project, offset_days=due_in_days - 9, wall_time=time(12)
    )
    row = OccurrenceFactory(message=message, cohort=cohort, state=state)
    switch_on = AT.date() + timedelta(days=9)
    new = SwitchDates(switch_on, time(18), "UTC", switch_on)
    plan = plan_reschedule(cohort=Cohort.objects.get(), new=new, at=AT)
    due_at = AT + timedelta(days=due_in_days)
    assert [(c.pk, c.effect, c.new[:2]) for c in plan.changing] == [
        (row.pk, effect, (due_at, due_at + timedelta(days=3)))
    ]


def test_what_is_revived_has_no_approval_left(manager: User) -> None:
    """Neither of two who approved it for the day that passed counts for the new one."""
    cohort = CohortFactory(switch_on=date(2031, 9, 1), ends_on=date(2031, 9, 9))
    message = MessageFactory(project=cohort.project, offset_days=-6, wall_time=time(12))
    row = OccurrenceFactory(message=message, cohort=cohort)
    filled = {"approved_by": manager, "approved_at": AT, "approved_count": 0}
    filled |= {"approved_revision": 1, "approved_due_at": AT, "first_approved_by": manager}
    assert filled.keys() == NO_APPROVAL.keys()
    Occurrence.objects.filter(pk=row.pk).update(state=OccurrenceState.MISSED, **filled)
    switch_on = AT.date() + timedelta(days=9)
    new = SwitchDates(switch_on, time(18), "UTC", switch_on)
    cohort = Cohort.objects.get()
    seen = plan_reschedule(cohort=cohort, new=new, at=database_now()).digest
    apply_reschedule(cohort=cohort, new=new, acting_user=manager, seen_digest=seen)
    left = Occurrence.objects.filter(pk=row.pk).values(*NO_APPROVAL).get()
    assert (Occurrence.objects.get(pk=row.pk).state, left) == (OccurrenceState.PLANNED, NO_APPROVAL)
