"""Occurrences: planned from anchors, moved with them, approved, ordered, cancelled."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection

from accounts.models import User
from cohorts.enums import CohortStatus
from common.exceptions import Conflict, StaleState
from communications.enums import Channel, MessageStatus, OccurrenceState
from communications.exceptions import OrderRefused
from communications.models import Occurrence
from communications.queries.reach import Funnel, funnel
from communications.services.approval import approve_occurrence, unapprove_occurrence
from communications.services.cancelling import cancel_occurrence
from communications.services.occurrences import create_occurrences, recompute_occurrences
from communications.services.ordering import order_now, schedule_occurrence
from communications.services.seen import Seen
from projects.enums import ProjectStatus
from projects.models import Project
from projects.schedule_plan import Anchors
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.communications import MessageFactory, OccurrenceFactory, SuppressionFactory

pytestmark = pytest.mark.django_db
AT = datetime(2038, 5, 20, 12, tzinfo=UTC)
ANCHORS = Anchors(
    project_start=date(2038, 1, 4),
    pilot_start=date(2038, 3, 1),
    pilot_end=date(2038, 4, 15),
    first_switch=date(2038, 6, 1),
    last_switch=date(2038, 7, 13),
    project_target=date(2038, 9, 30),
)


@pytest.fixture
def wave(project: Project):
    return CohortFactory(project=project, name="Wave 1", switch_on=date(2038, 6, 1))


def stored(occurrence: Occurrence) -> Occurrence:
    return Occurrence.objects.get(pk=occurrence.pk)


def seen(occurrence: Occurrence) -> Seen:
    found = funnel(occurrence, AT)
    return Seen(found.reachable, found.mark, occurrence.message.revision)


def test_create_occurrences_makes_one_a_cohort_or_one_for_the_project(
    project: Project, manager: User, wave
) -> None:
    pilot = CohortFactory(project=project, name="Pilot", kind="pilot", ends_on=date(2038, 6, 20))
    CohortFactory(project=project, name="Dropped", status=CohortStatus.CANCELLED)
    for key, changes in {
        "told": {},
        "after": {"cohort_kind": "pilot", "anchor": "cohort_end", "offset_days": 1},
        "all": {"cohort_kind": "", "audience_kind": "everyone", "anchor": "pilot_start"},
        "asked": {"anchor": "survey_open", "offset_days": 0},
        "banner": {"channel": Channel.BANNER},
    }.items():
        MessageFactory(project=project, key=key, **changes)
    create_occurrences(project=project, anchors=ANCHORS, acting_user=manager)
    rows = project.occurrences.order_by("message__key")
    found = rows.values_list("message__key", "cohort", "anchor_key", "due_at", "state")
    assert list(found) == [
        ("after", pilot.pk, f"cohort:{pilot.pk}", datetime(2038, 6, 21, 7, tzinfo=UTC), "planned"),
        ("all", None, "project", datetime(2038, 2, 22, 8, tzinfo=UTC), "planned"),
        ("asked", wave.pk, f"cohort:{wave.pk}", None, "planned"),
        ("banner", wave.pk, f"cohort:{wave.pk}", datetime(2038, 5, 25, 7, tzinfo=UTC), "planned"),
        ("told", wave.pk, f"cohort:{wave.pk}", datetime(2038, 5, 25, 7, tzinfo=UTC), "planned"),
    ]
    assert create_occurrences(project=project, anchors=ANCHORS, acting_user=manager) == []
    assert list(project.events.values_list("verb", flat=True)) == ["occurrences.planned"]


def test_create_occurrences_reads_the_clock_of_the_cohort(
    project: Project, manager: User, wave
) -> None:
    wave.timezone = "America/New_York"
    wave.save()
    MessageFactory(project=project, key="a", zone="cohort", position=1)
    MessageFactory(project=project, key="b", zone="project", position=2)
    made = create_occurrences(project=project, anchors=ANCHORS, acting_user=manager)
    assert [(o.timezone, o.due_at) for o in made] == [
        ("America/New_York", datetime(2038, 5, 25, 13, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2038, 5, 25, 7, tzinfo=UTC)),
    ]


def test_recompute_moves_only_what_has_not_begun(project: Project, manager: User) -> None:
    message = MessageFactory(project=project)
    states = list(OccurrenceState)
    rows = {}
    for state in states:
        cohort = CohortFactory(
            project=project, name=state, switch_on=date(2038, 7, 6), ends_on=date(2038, 7, 20)
        )
        rows[state] = OccurrenceFactory(message=message, cohort=cohort, state=state)
    old, new = datetime(2038, 5, 25, 7, tzinfo=UTC), datetime(2038, 6, 29, 7, tzinfo=UTC)
    assert recompute_occurrences(project=project, anchors=ANCHORS, acting_user=manager) == 2
    assert {state: stored(row).due_at for state, row in rows.items()} == {
        state: new if state in ("planned", "approved") else old for state in states
    }
    assert recompute_occurrences(project=project, anchors=ANCHORS, acting_user=manager) == 0
    later = replace(ANCHORS, first_switch=date(2038, 6, 8))
    assert recompute_occurrences(project=project, anchors=later, acting_user=manager) == 0
    assert list(project.events.values_list("verb", flat=True)) == ["occurrences.moved"]


def test_recompute_leaves_an_order_of_a_person_alone(project: Project, manager: User, wave) -> None:
    message = MessageFactory(project=project)
    ordered = order_now(message=message, cohort=wave, acting_user=manager, at=AT)
    reminder = schedule_occurrence(
        message=message,
        cohort=wave,
        anchor_key=f"cohort:{wave.pk}:r1",
        due_at=AT,
        acting_user=manager,
        is_approved=True,
    )
    assert recompute_occurrences(project=project, anchors=ANCHORS, acting_user=manager) == 0
    assert {stored(ordered).due_at, stored(reminder).due_at} == {AT}


def test_funnel_adds_up_and_names_who_is_left_out(project: Project, wave) -> None:
    occurrence = OccurrenceFactory(message__project=project, cohort=wave)
    assert funnel(occurrence, AT) == Funnel(0, 0, 0)
    for _ in range(3):
        MembershipFactory(cohort=wave)
    MembershipFactory(cohort=wave, participant__upn="", participant__key="x")
    MembershipFactory(cohort=wave, participant__status="left")
    gone = MembershipFactory(cohort=wave, participant__mail="Gone@Example.org").participant
    SuppressionFactory(address_key="gone@example.org")
    SuppressionFactory(
        address_key=MembershipFactory(cohort=wave).participant.upn, until=AT - timedelta(days=1)
    )
    ParticipantFactory(project=project)
    assert gone.address == "Gone@Example.org"
    assert funnel(occurrence, AT) == Funnel(total=6, no_address=1, suppressed=1)
    assert funnel(occurrence, AT).reachable == 4


@pytest.mark.parametrize(
    ("kind", "params"), [("cohort", {}), ("it_staff", {}), ("it_staff", {"roles": []})]
)
def test_an_empty_rule_is_nobody(project: Project, kind: str, params: dict) -> None:
    ParticipantFactory(project=project)
    occurrence = OccurrenceFactory(
        message__project=project,
        message__audience_kind=kind,
        message__audience_params=params,
        cohort=None,
    )
    assert funnel(occurrence, AT) == Funnel(0, 0, 0)


def test_audiences_stay_inside_the_project(project: Project, foreign_project: Project) -> None:
    ParticipantFactory(project=foreign_project)
    mine = ParticipantFactory(project=project)
    everyone = OccurrenceFactory(
        message__project=project, message__audience_kind="everyone", cohort=None
    )
    stakeholders = OccurrenceFactory(
        message__project=project, message__audience_kind="stakeholders", cohort=None
    )
    it_staff = OccurrenceFactory(
        message__project=project,
        message__audience_kind="it_staff",
        message__audience_params={"roles": ["IT", "SD"]},
        cohort=None,
    )
    project.stakeholders.filter(access="viewer").update(role_codes=["SD", "XX"])
    foreign_project.stakeholders.update(role_codes=["IT"])
    assert mine.project_id == project.pk
    assert [funnel(o, AT).total for o in (everyone, stakeholders, it_staff)] == [1, 3, 1]


def test_approve_keeps_who_when_and_how_many(project: Project, manager: User, wave) -> None:
    occurrence = OccurrenceFactory(message__project=project, cohort=wave)
    MembershipFactory(cohort=wave)
    approve_occurrence(occurrence=occurrence, acting_user=manager, seen=seen(occurrence), at=AT)
    row = stored(occurrence)
    assert (row.state, row.approved_by, row.approved_count, row.due_at) == (
        OccurrenceState.APPROVED,
        manager,
        1,
        datetime(2038, 5, 25, 7, tzinfo=UTC),
    )
    assert row.approved_at is not None
    assert list(project.events.values_list("verb", "actor")) == [
        ("occurrence.approved", manager.pk)
    ]


def test_approve_twice_is_refused(project: Project, manager: User) -> None:
    occurrence = OccurrenceFactory(message__project=project)
    same = stored(occurrence)
    approve_occurrence(occurrence=occurrence, acting_user=manager, at=AT)
    for row in (occurrence, same):
        with pytest.raises(StaleState):
            approve_occurrence(occurrence=row, acting_user=manager, at=AT)
    assert project.events.count() == 1


def test_approve_refuses_another_number_than_the_one_on_the_button(
    project: Project, manager: User, wave
) -> None:
    occurrence = OccurrenceFactory(message__project=project, cohort=wave)
    MembershipFactory(cohort=wave)
    with pytest.raises(Conflict, match="It would now go to 1 person, not to 0"):
        approve_occurrence(
            occurrence=occurrence,
            acting_user=manager,
            seen=replace(seen(occurrence), people=0),
            at=AT,
        )
    assert stored(occurrence).state == OccurrenceState.PLANNED


def test_approve_of_a_missed_one_sends_it_now(project: Project, manager: User) -> None:
    occurrence = OccurrenceFactory(message__project=project, state=OccurrenceState.MISSED)
    late = datetime(2038, 8, 1, tzinfo=UTC)
    approve_occurrence(occurrence=occurrence, acting_user=manager, at=late)
    row = stored(occurrence)
    assert (row.state, row.due_at, row.not_after, row.wall_at) == (
        OccurrenceState.APPROVED,
        late,
        late + timedelta(days=3),
        None,
    )


def test_unapprove_takes_it_back(project: Project, manager: User) -> None:
    occurrence = OccurrenceFactory(message__project=project)
    approve_occurrence(occurrence=occurrence, acting_user=manager, at=AT)
    unapprove_occurrence(occurrence=occurrence, acting_user=manager)
    row = stored(occurrence)
    assert (row.state, row.approved_by, row.approved_at, row.approved_count) == (
        OccurrenceState.PLANNED,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_cancel_refuses_what_is_over(project: Project, manager: User, state: str) -> None:
    occurrence = OccurrenceFactory(message__project=project, state=state)
    with pytest.raises(StaleState):
        cancel_occurrence(occurrence=occurrence, acting_user=manager)
    assert stored(occurrence).state == state


def test_order_now_makes_approves_and_is_due(project: Project, manager: User, wave) -> None:
    MembershipFactory(cohort=wave)
    message = MessageFactory(project=project)
    occurrence = order_now(message=message, cohort=wave, acting_user=manager, at=AT)
    row = stored(occurrence)
    assert (row.anchor_key, row.cohort, row.state, row.due_at, row.not_after) == (
        f"cohort:{wave.pk}",
        wave,
        OccurrenceState.APPROVED,
        AT,
        AT + timedelta(days=3),
    )
    assert (row.approved_by, row.approved_count, row.timezone) == (manager, 1, "Europe/Berlin")


def test_order_now_twice_changes_nothing(project: Project, manager: User, wave) -> None:
    message = MessageFactory(project=project)
    first = order_now(message=message, cohort=wave, acting_user=manager, at=AT)
    again = order_now(message=message, cohort=wave, acting_user=manager, at=AT + timedelta(hours=1))
    assert (again.pk, stored(again).due_at) == (first.pk, AT)
    assert project.events.count() == 1


@pytest.mark.parametrize("state", ["expanding", "sending", "done"])
def test_order_now_leaves_alone_what_is_on_its_way(
    project: Project, manager: User, wave, state: str
) -> None:
    message = MessageFactory(project=project, status=MessageStatus.PAUSED)
    there = OccurrenceFactory(message=message, cohort=wave, state=state)
    again = order_now(message=message, cohort=wave, acting_user=manager, at=AT)
    row = stored(again)
    assert (row.pk, row.state, row.due_at) == (there.pk, state, there.due_at)


@pytest.mark.parametrize("state", ["planned", "approved", "missed"])
def test_order_now_brings_the_planned_one_forward(
    project: Project, manager: User, wave, state: str
) -> None:
    message = MessageFactory(project=project)
    there = OccurrenceFactory(message=message, cohort=wave, state=state)
    again = order_now(message=message, cohort=wave, acting_user=manager, at=AT)
    row = stored(again)
    assert (row.pk, row.state, row.due_at) == (there.pk, OccurrenceState.APPROVED, AT)


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ({"channel": Channel.BANNER}, "is nothing that is sent"),
        ({"cohort_kind": ""}, "goes to the whole project"),
        ({"status": MessageStatus.PAUSED}, "is paused"),
        ({"status": MessageStatus.CANCELLED}, "was cancelled"),
    ],
)
def test_order_now_refuses_with_a_reason(
    project: Project, manager: User, wave, message: dict, sentence: str
) -> None:
    with pytest.raises(OrderRefused, match=sentence):
        order_now(
            message=MessageFactory(project=project, **message), cohort=wave, acting_user=manager
        )
    assert not project.occurrences.filter(state=OccurrenceState.APPROVED).exists()


def test_order_now_refuses_a_foreign_or_missing_or_cancelled_cohort(
    project: Project, manager: User, foreign_project: Project
) -> None:
    message = MessageFactory(project=project)
    gone = CohortFactory(project=project, status=CohortStatus.CANCELLED)
    for cohort in (CohortFactory(project=foreign_project), None, gone):
        with pytest.raises(OrderRefused):
            order_now(message=message, cohort=cohort, acting_user=manager)
    there = OccurrenceFactory(message=message, state=OccurrenceState.CANCELLED)
    with pytest.raises(OrderRefused):
        order_now(message=message, cohort=there.cohort, acting_user=manager)
    assert list(project.occurrences.values_list("state", flat=True)) == ["cancelled"]


def test_order_now_refuses_while_the_project_stands_still(
    project: Project, manager: User, wave
) -> None:
    project.status = ProjectStatus.PAUSED
    project.save()
    with pytest.raises(OrderRefused, match="The project is paused"):
        order_now(message=MessageFactory(project=project), cohort=wave, acting_user=manager)
    assert not project.occurrences.exists()


def test_order_now_for_the_whole_project(project: Project, manager: User) -> None:
    message = MessageFactory(project=project, cohort_kind="", audience_kind="everyone")
    occurrence = order_now(message=message, cohort=None, acting_user=manager, at=AT)
    assert (occurrence.anchor_key, occurrence.cohort) == ("project", None)


def test_schedule_occurrence_is_made_once(project: Project, manager: User, wave) -> None:
    message = MessageFactory(project=project, wall_time=time(9))
    for due in (AT, AT + timedelta(days=1)):
        occurrence = schedule_occurrence(
            message=message,
            cohort=wave,
            anchor_key=f"cohort:{wave.pk}:r1",
            due_at=due,
            acting_user=manager,
            is_approved=True,
            not_after=AT + timedelta(days=2),
        )
    row = stored(occurrence)
    assert (row.state, row.due_at, row.not_after) == (
        OccurrenceState.APPROVED,
        AT,
        AT + timedelta(days=2),
    )
    assert list(project.occurrences.all()) == [row]


@pytest.mark.django_db(transaction=True)
def test_two_orders_at_once_make_one_occurrence(project: Project, manager: User, wave) -> None:
    message = MessageFactory(project=project)
    ready = threading.Barrier(4)
    made: list[int] = []

    def order() -> None:
        try:
            ready.wait()
            made.append(order_now(message=message, cohort=wave, acting_user=manager, at=AT).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=order) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = Occurrence.objects.get()
    assert made == [row.pk] * 4
    assert project.events.filter(verb="occurrence.approved").count() == 1
