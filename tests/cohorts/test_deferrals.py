"""Asking for a later date, deciding about it, choosing another date."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from cohorts.enums import CohortKind, CohortStatus, DeferralStatus, ParticipantStatus, Placement
from cohorts.exceptions import DeferralError
from cohorts.models import Cohort, Deferral, Membership, Participant
from cohorts.queries.choices import choices_instead_of
from cohorts.queries.deferrals import (
    DeferralFilter,
    deferral_page,
    membership_ahead,
    return_cohorts,
)
from cohorts.services.choices import choose_cohort
from cohorts.services.deferrals import (
    approve_deferral,
    ask_deferral,
    enter_deferral,
    refuse_deferral,
    withdraw_deferral,
)
from common.exceptions import Conflict, StaleState
from projects.exceptions import NotAllowedHere
from projects.models import Event, Project
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.projects import ProjectFactory

AT = datetime(2038, 5, 10, 9, tzinfo=UTC)
UNTIL = date(2038, 7, 31)


def cohort(project: Project, day: date, **more: object) -> Cohort:
    return CohortFactory(project=project, switch_on=day, ends_on=day + timedelta(days=14), **more)


@pytest.fixture
def first(project: Project) -> Cohort:
    return cohort(project, date(2038, 6, 1), name="Wave 1")


@pytest.fixture
def second(project: Project) -> Cohort:
    return cohort(project, date(2038, 6, 15), name="Wave 2", is_bookable=True)


@pytest.fixture
def person(first: Cohort) -> Participant:
    return MembershipFactory(cohort=first).participant


def ask(person: Participant, **more: object) -> Deferral:
    given = {"reason": "At sea.", "acting_user": None, "at": AT}
    return ask_deferral(participant=person, **{**given, **more})


def approve(deferral: Deferral, to: Cohort, manager: User, **more: object) -> Deferral:
    given = {"until": UNTIL, "note": "See you then.", "at": AT}
    return approve_deferral(
        deferral=deferral, to_cohort=to, acting_user=manager, **{**given, **more}
    )


def place_of(person: Participant) -> tuple[object, ...]:
    row = Membership.objects.get(participant=person)
    return (row.cohort.name, row.placed_by, row.placement_note, row.deferred_from_id)


# ---- asking


def test_person_asks_for_a_later_date(person: Participant, first: Cohort, second: Cohort) -> None:
    deferral = ask(person, reason="  At sea. ", until=UNTIL, to_cohort=second)
    stored = Deferral.objects.get()
    assert stored == deferral
    assert (stored.from_cohort, stored.to_cohort, stored.until) == (first, second, UNTIL)
    assert (stored.reason, stored.status, stored.asked_by) == ("At sea.", "asked", None)
    assert place_of(person) == ("Wave 1", Placement.HAND, "", None)
    event = Event.objects.get(verb="deferral.asked")
    assert event.sentence == "One person of “Wave 1” asks for a later date."
    assert event.actor is None


def test_second_request_waits_for_the_first(person: Participant) -> None:
    ask(person)
    with pytest.raises(Conflict, match="waits for an answer"):
        ask(person)
    assert Deferral.objects.count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001])
def test_request_needs_a_reason_of_sensible_length(person: Participant, reason: str) -> None:
    with pytest.raises(DeferralError, match="Say in a few words why"):
        ask(person, reason=reason)


def test_day_that_is_past_would_do_for_nobody(person: Participant) -> None:
    ask(person, until=date(2038, 5, 10))
    Deferral.objects.all().delete()
    with pytest.raises(DeferralError, match="That day is past"):
        ask(person, until=date(2038, 5, 9))


def test_nothing_can_be_put_off_without_a_switch_ahead(person: Participant, first: Cohort) -> None:
    Membership.objects.update(switched_at=AT)
    with pytest.raises(DeferralError, match="no switch ahead"):
        ask(person)
    Membership.objects.update(switched_at=None)
    Cohort.objects.update(status=CohortStatus.SWITCHED)
    with pytest.raises(DeferralError, match="no switch ahead"):
        ask(person)


def test_who_has_left_asks_for_nothing(person: Participant) -> None:
    Participant.objects.update(status=ParticipantStatus.LEFT)
    with pytest.raises(DeferralError, match="has left"):
        ask(person)


def test_closed_project_takes_no_request(person: Participant, project: Project) -> None:
    project.status = "closed"
    project.save()
    person.refresh_from_db()
    with pytest.raises(NotAllowedHere):
        ask(person)


def test_the_next_switch_of_somebody_in_pilot_and_wave_is_put_off(
    person: Participant, project: Project, first: Cohort
) -> None:
    pilot = cohort(project, date(2038, 5, 20), kind=CohortKind.PILOT)
    membership = MembershipFactory(cohort=pilot, participant=person)
    assert membership_ahead(person) == membership
    membership.switched_at = AT
    membership.save()
    assert membership_ahead(person).cohort == first


# ---- deciding


def test_approval_moves_the_person(
    person: Participant, first: Cohort, second: Cohort, manager: User
) -> None:
    approve(ask(person), second, manager)
    note = "Deferred from “Wave 1”, at the latest until 31 July 2038."
    assert place_of(person) == ("Wave 2", Placement.DEFERRAL, note, first.pk)
    stored = Deferral.objects.get()
    assert (stored.status, stored.to_cohort, stored.until) == ("approved", second, UNTIL)
    assert (stored.decided_by, stored.decided_at, stored.note) == (manager, AT, "See you then.")
    sentence = "A deferral was approved: one person moves from “Wave 1” to “Wave 2”."
    assert Event.objects.get(verb="deferral.approved").sentence == sentence


def test_deferred_twice_still_comes_from_the_first_cohort(
    person: Participant, first: Cohort, second: Cohort, manager: User
) -> None:
    third = cohort(first.project, date(2038, 7, 1), name="Wave 3")
    approve(ask(person), second, manager)
    approve(ask(person), third, manager)
    assert place_of(person)[0::3] == ("Wave 3", first.pk)


def test_who_comes_back_is_not_deferred_any_more(
    person: Participant, first: Cohort, second: Cohort, manager: User
) -> None:
    approve(ask(person), second, manager)
    approve(ask(person), first, manager)
    assert place_of(person)[0::3] == ("Wave 1", None)


def test_return_cohort_switches_later_than_now_and_not_after_the_end(
    person: Participant, second: Cohort, manager: User
) -> None:
    deferral = ask(person)
    with pytest.raises(DeferralError, match="“Wave 2” cannot take"):
        approve(deferral, second, manager, until=date(2038, 6, 14))
    with pytest.raises(DeferralError, match="“Wave 2” cannot take"):
        approve(deferral, second, manager, at=datetime(2038, 6, 15, 16, tzinfo=UTC))
    assert place_of(person)[0] == "Wave 1"
    approve(deferral, second, manager, until=date(2038, 6, 15))
    assert place_of(person)[0] == "Wave 2"


def test_cohort_of_another_kind_project_or_state_takes_nobody_back(
    person: Participant, first: Cohort, second: Cohort, manager: User
) -> None:
    deferral = ask(person)
    later = date(2038, 6, 20)
    pilot = cohort(first.project, later, kind=CohortKind.PILOT)
    switched = cohort(first.project, later, status=CohortStatus.SWITCHED)
    foreign = cohort(ProjectFactory(), later)
    for wrong in (pilot, switched, foreign, first):
        with pytest.raises(DeferralError):
            approve(deferral, wrong, manager)
    assert Deferral.objects.get().status == DeferralStatus.ASKED
    assert return_cohorts(first, AT) == [second]


def test_second_decision_is_refused(person: Participant, second: Cohort, manager: User) -> None:
    deferral = ask(person)
    stale = Deferral.objects.get()
    approve(deferral, second, manager)
    with pytest.raises(StaleState):
        refuse_deferral(deferral=stale, note="No.", acting_user=manager, at=AT)
    with pytest.raises(StaleState):
        withdraw_deferral(deferral=Deferral.objects.get(), acting_user=None, at=AT)


def test_approval_of_somebody_who_is_elsewhere_changes_nothing(
    person: Participant, second: Cohort, manager: User
) -> None:
    deferral = ask(person)
    third = cohort(second.project, date(2038, 7, 1))
    Membership.objects.update(cohort=third)
    with pytest.raises(Conflict, match="in another cohort by now"):
        approve(deferral, second, manager)
    assert Deferral.objects.get().status == DeferralStatus.ASKED


def test_refusal_needs_a_note(person: Participant, manager: User) -> None:
    deferral = ask(person)
    with pytest.raises(DeferralError, match="Say why not"):
        refuse_deferral(deferral=deferral, note=" ", acting_user=manager, at=AT)
    refuse_deferral(deferral=deferral, note="You are needed.", acting_user=manager, at=AT)
    stored = Deferral.objects.get()
    assert (stored.status, stored.note, stored.decided_by) == (
        "refused",
        "You are needed.",
        manager,
    )
    assert place_of(person)[0] == "Wave 1"


def test_withdrawn_request_makes_room_for_another(person: Participant) -> None:
    withdraw_deferral(deferral=ask(person), acting_user=None, at=AT)
    ask(person)
    assert sorted(Deferral.objects.values_list("status", flat=True)) == ["asked", "withdrawn"]


def test_manager_enters_and_approves_at_once(
    person: Participant, first: Cohort, second: Cohort, manager: User
) -> None:
    enter_deferral(
        participant=person,
        reason="Rang us.",
        until=UNTIL,
        to_cohort=second,
        acting_user=manager,
        at=AT,
    )
    stored = Deferral.objects.get()
    assert (stored.asked_by, stored.decided_by, stored.status) == (manager, manager, "approved")
    assert place_of(person)[0::3] == ("Wave 2", first.pk)


# ---- the list


def test_list_shows_what_waits_first_and_pages(
    project: Project, first: Cohort, second: Cohort, manager: User
) -> None:
    people = [MembershipFactory(cohort=first).participant for _ in range(53)]
    rows = [ask(person) for person in people]
    for row in rows[40:]:
        refuse_deferral(deferral=row, note="No.", acting_user=manager, at=AT)
    page = deferral_page(project, DeferralFilter())
    wanted = [*rows[:40][::-1], *rows[40:][::-1]]
    assert list(page.rows) == wanted[:50]
    assert page.waiting == 40
    rest = deferral_page(project, DeferralFilter(), after=page.after)
    assert (list(rest.rows), rest.after) == (wanted[50:], None)
    behind_waiting = deferral_page(project, DeferralFilter(), after=wanted[20].pk)
    assert list(behind_waiting.rows) == wanted[21:]
    assert deferral_page(project, DeferralFilter(status="approved")).rows == ()
    assert deferral_page(project, DeferralFilter(cohort=second)).rows == ()
    assert len(deferral_page(project, DeferralFilter("refused", first)).rows) == 13


# ---- choosing


def test_person_chooses_another_date(person: Participant, second: Cohort) -> None:
    deferral = ask(person)
    choose_cohort(participant=person, cohort=second, at=AT)
    assert place_of(person) == (
        "Wave 2",
        Placement.CHOICE,
        "Chose it instead of “Wave 1”.",
        None,
    )
    deferral.refresh_from_db()
    assert (deferral.status, deferral.note) == ("withdrawn", "Chose a date instead.")
    sentence = "One person chose “Wave 2” instead of “Wave 1”."
    assert Event.objects.get(verb="cohort.chosen").sentence == sentence


def test_same_choice_again_is_told(person: Participant, second: Cohort) -> None:
    choose_cohort(participant=person, cohort=second, at=AT)
    with pytest.raises(Conflict, match="your date already"):
        choose_cohort(participant=person, cohort=second, at=AT)
    assert Event.objects.filter(verb="cohort.chosen").count() == 1


def test_choice_closes_before_both_switches(
    person: Participant, first: Cohort, second: Cohort
) -> None:
    closed = datetime(2038, 5, 25, 16, tzinfo=UTC)  # seven days before Wave 1 switches
    with pytest.raises(DeferralError, match="too near"):
        choose_cohort(participant=person, cohort=second, at=closed)
    Cohort.objects.filter(pk=second.pk).update(booking_closes_days=30)
    second.refresh_from_db()
    with pytest.raises(DeferralError, match="can no longer be chosen"):
        choose_cohort(participant=person, cohort=second, at=datetime(2038, 5, 16, 16, tzinfo=UTC))
    choose_cohort(participant=person, cohort=second, at=datetime(2038, 5, 16, 15, 59, tzinfo=UTC))
    assert place_of(person)[0] == "Wave 2"


@pytest.mark.parametrize(
    "change",
    [
        {"is_bookable": False},
        {"status": CohortStatus.CANCELLED},
        {"status": CohortStatus.SWITCHED},
    ],
)
def test_cohort_that_is_not_open_for_choice_is_refused(
    person: Participant, first: Cohort, second: Cohort, change: dict[str, object]
) -> None:
    Cohort.objects.filter(pk=second.pk).update(**change)
    second.refresh_from_db()
    assert choices_instead_of(first, AT) == ()
    with pytest.raises(DeferralError):
        choose_cohort(participant=person, cohort=second, at=AT)
    assert place_of(person)[0] == "Wave 1"


def test_offered_are_dates_with_places(first: Cohort, second: Cohort) -> None:
    third = cohort(first.project, date(2038, 6, 8), is_bookable=True, capacity=2)
    MembershipFactory(cohort=third)
    MembershipFactory(
        cohort=third, participant=ParticipantFactory(project=first.project, status="left")
    )
    CohortFactory(project=first.project, kind=CohortKind.PILOT, is_bookable=True)
    CohortFactory(is_bookable=True)
    offered = choices_instead_of(first, AT)
    assert [(one.cohort, one.places) for one in offered] == [(third, 1), (second, None)]
    MembershipFactory(cohort=third)
    assert [one.cohort for one in choices_instead_of(first, AT)] == [second]
    assert choices_instead_of(first, AT + timedelta(days=16)) == ()
