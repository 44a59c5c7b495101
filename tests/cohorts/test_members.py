"""Who is in which cohort."""

from datetime import UTC, datetime

import pytest

from cohorts.enums import CohortKind, CohortStatus, ParticipantStatus
from cohorts.exceptions import CohortError
from cohorts.models import Membership, Participant
from cohorts.services.members import (
    Assignment,
    assign_people,
    leave,
    rejoin,
    unassign,
)
from common.exceptions import StaleState
from projects.models import Event
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory

AT = datetime(2038, 6, 1, 16, 0, tzinfo=UTC)


def members(cohort) -> set[int]:
    return set(Membership.objects.filter(cohort=cohort).values_list("participant", flat=True))


@pytest.fixture
def wave(project):
    return CohortFactory(project=project, name="Wave 1")


def test_assign_people_joins_moves_and_leaves_who_switched(project, manager, wave):
    new = ParticipantFactory(project=project)
    already = MembershipFactory(cohort=wave).participant
    moving = MembershipFactory(cohort__project=project).participant
    switched = MembershipFactory(cohort__project=project, switched_at=AT).participant
    left = ParticipantFactory(project=project, status=ParticipantStatus.LEFT)
    foreign = ParticipantFactory()
    result = assign_people(cohort=wave, participants=Participant.objects.all(), acting_user=manager)
    assert result == Assignment(joined=1, moved=1, already=1, stayed=1)
    assert members(wave) == {new.pk, already.pk, moving.pk}
    assert not members(wave) & {switched.pk, left.pk, foreign.pk}
    assert list(Event.objects.values_list("verb", "sentence")) == [
        ("cohort.people_assigned", "2 people put into “Wave 1”.")
    ]


def test_assign_people_twice_changes_nothing(project, manager, wave):
    ParticipantFactory(project=project)
    everybody = Participant.objects.all()
    assign_people(cohort=wave, participants=everybody, acting_user=manager)
    again = assign_people(cohort=wave, participants=everybody, acting_user=manager)
    assert again == Assignment(already=1)
    assert Event.objects.count() == 1


def test_assign_people_with_a_query_that_names_the_cohort_they_leave(project, manager, wave):
    old = MembershipFactory(cohort__project=project).cohort
    result = assign_people(
        cohort=wave, participants=Participant.objects.in_cohort(old), acting_user=manager
    )
    assert result == Assignment(moved=1)
    assert members(old) == set()


def test_assign_people_nobody(project, manager, wave):
    nobody = Participant.objects.none()
    assert assign_people(cohort=wave, participants=nobody, acting_user=manager) == Assignment()


def test_a_person_is_in_a_pilot_and_a_wave(project, manager, wave):
    pilot = CohortFactory(project=project, kind=CohortKind.PILOT)
    person = MembershipFactory(cohort=pilot).participant
    result = assign_people(cohort=wave, participants=Participant.objects.all(), acting_user=manager)
    assert result == Assignment(joined=1)
    assert members(pilot) == members(wave) == {person.pk}


def test_who_joins_a_switched_cohort_counts_as_switched(project, manager, wave):
    wave.status, wave.switched_at = CohortStatus.SWITCHED, AT
    wave.save()
    ParticipantFactory(project=project)
    assign_people(cohort=wave, participants=Participant.objects.all(), acting_user=manager)
    assert Membership.objects.get().switched_at is not None


@pytest.mark.parametrize("status", [CohortStatus.FINISHED, CohortStatus.CANCELLED])
def test_nobody_joins_a_cohort_that_is_over(project, manager, status):
    over = CohortFactory(project=project, status=status)
    ParticipantFactory(project=project)
    with pytest.raises(CohortError):
        assign_people(cohort=over, participants=Participant.objects.all(), acting_user=manager)
    assert Membership.objects.count() == 0


def test_unassign_keeps_who_switched(project, manager, wave):
    going = MembershipFactory(cohort=wave).participant
    kept = MembershipFactory(cohort=wave, switched_at=AT).participant
    elsewhere = MembershipFactory(cohort__project=project, participant__project=project)
    assert unassign(cohort=wave, participants=Participant.objects.all(), acting_user=manager) == 1
    assert members(wave) == {kept.pk}
    assert members(elsewhere.cohort) == {elsewhere.participant_id}
    assert going.memberships.count() == 0


def test_leave_and_rejoin_keep_the_cohort_and_name_nobody(project, manager, wave):
    person = MembershipFactory(cohort=wave, participant__display_name="Anna Amsel").participant
    leave(participant=person, acting_user=manager)
    with pytest.raises(StaleState):
        leave(participant=Participant.objects.get(pk=person.pk), acting_user=manager)
    assert (person.status, members(wave)) == (ParticipantStatus.LEFT, {person.pk})
    wave.status = CohortStatus.SWITCHED
    wave.save()
    rejoin(participant=person, acting_user=manager)
    assert person.status == ParticipantStatus.ACTIVE
    assert Membership.objects.get().switched_at is not None
    assert list(Event.objects.order_by("pk").values_list("verb", "sentence", "subject_id")) == [
        ("participant.left", "One person has left and is not counted any more.", person.pk),
        ("participant.rejoined", "One person who had left is back.", person.pk),
    ]
