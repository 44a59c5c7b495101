"""More people than places is refused by the database, on every path and whatever races."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import cycle
from threading import Semaphore

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from cohorts.enums import ParticipantStatus, Placement
from cohorts.exceptions import CohortFull
from cohorts.models import Cohort, Membership, Participant
from cohorts.services.members import assign_people, leave, rejoin, unassign
from cohorts.services.roster import import_people
from projects.enums import AccessRole
from rollout.services.moves import choose_date
from tests.cohorts.test_races import at_once
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.people import UserFactory
from tests.factories.projects import ProjectFactory, StakeholderFactory

AT = datetime(2038, 6, 1, 16, 0, tzinfo=UTC)
FULL = "“{0}” has 2 places and would have {1} people, {2} too many."
FULL += " Raise its places or choose fewer people."


def load(project, upns, cohort=None):
    return import_people(
        project=project,
        stream=io.BytesIO("\n".join(["upn", *upns]).encode()),
        cohort=cohort,
        is_strict=False,
        is_dry_run=False,
        acting_user=None,
    )


def people_in(cohort) -> int:
    return cohort.memberships.filter(participant__status="active").count()


@pytest.fixture
def full(project):
    """A wave of two places, both taken; somebody who left is in it too and takes none."""
    cohort = CohortFactory(project=project, name="Wave 1", capacity=2)
    MembershipFactory.create_batch(2, cohort=cohort)
    MembershipFactory(cohort=cohort, participant__status=ParticipantStatus.LEFT)
    return cohort


def test_assign_people_is_refused_with_a_sentence_and_changes_nothing(project, manager, full):
    other = MembershipFactory(cohort__project=project)
    ParticipantFactory.create_batch(2, project=project)
    with pytest.raises(CohortFull) as refusal:
        assign_people(cohort=full, participants=Participant.objects.all(), acting_user=manager)
    assert (str(refusal.value), refusal.value.status) == (FULL.format("Wave 1", 5, 3), 409)
    assert (refusal.value.places, refusal.value.people) == (2, 5)
    assert people_in(full) == 2
    assert Membership.objects.get(pk=other.pk).cohort_id == other.cohort_id


def test_who_is_there_already_needs_no_second_place(project, manager, full):
    done = assign_people(
        cohort=full, participants=Participant.objects.in_cohort(full), acting_user=manager
    )
    assert (done.already, people_in(full)) == (2, 2)


def test_a_place_is_free_when_somebody_leaves_moves_or_is_taken_out(project, manager, full):
    first, second = (m.participant for m in full.memberships.order_by("pk")[:2])
    waiting = ParticipantFactory.create_batch(3, project=project)

    def book(person):
        people = Participant.objects.filter(pk=person.pk)
        assign_people(cohort=full, participants=people, acting_user=manager)

    leave(participant=first, acting_user=manager)
    book(waiting[0])
    people = Participant.objects.filter(pk=second.pk)
    unassign(cohort=full, participants=people, acting_user=manager)
    book(waiting[1])
    other = CohortFactory(project=project)
    people = Participant.objects.filter(pk=waiting[1].pk)
    assign_people(cohort=other, participants=people, acting_user=manager)
    book(waiting[2])
    assert people_in(full) == 2
    with pytest.raises(CohortFull):
        rejoin(participant=Participant.objects.get(pk=first.pk), acting_user=manager)
    assert Participant.objects.get(pk=first.pk).status == ParticipantStatus.LEFT


def test_import_is_refused_as_a_whole(project, full):
    gone = ParticipantFactory(project=project, upn="back@x.org", status=ParticipantStatus.LEFT)
    MembershipFactory(cohort=full, participant=gone)
    with pytest.raises(CohortFull):
        load(project, ["new@x.org"], cohort=full)
    assert not Participant.objects.filter(upn="new@x.org").exists()
    # Without a word about the cohort: a person who is back takes their place again.
    with pytest.raises(CohortFull):
        load(project, ["back@x.org"])
    gone.refresh_from_db()
    assert gone.status == ParticipantStatus.LEFT


def test_the_database_refuses_whatever_writes(full):
    person = ParticipantFactory(project=full.project)
    here = MembershipFactory(cohort__project=full.project)

    def refused(write) -> str:
        with pytest.raises(DatabaseError) as refusal, transaction.atomic():
            write()
        return refusal.value.__cause__.pgcode

    new = Membership(cohort=full, participant=person, kind=full.kind)
    back = Participant.objects.filter(status=ParticipantStatus.LEFT)
    moved = Membership.objects.filter(pk=here.pk)
    assert [
        refused(lambda: Membership.objects.bulk_create([new])),
        refused(lambda: moved.update(cohort=full)),
        refused(lambda: back.update(status=ParticipantStatus.ACTIVE)),
        refused(lambda: Cohort.objects.filter(pk=full.pk).update(capacity=1)),
    ] == ["UT001"] * 4
    Cohort.objects.filter(pk=full.pk).update(capacity=None)
    Membership.objects.bulk_create([new])
    assert people_in(full) == 3


def test_two_full_cohorts_can_swap_their_people_in_one_statement(project, full):
    other = CohortFactory(project=project, capacity=1)
    MembershipFactory(cohort=other)
    one, two = full.memberships.order_by("pk")[0], other.memberships.get()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cohorts_membership SET cohort_id = CASE id WHEN %s THEN %s::bigint ELSE %s END"
            " WHERE id IN (%s, %s)",
            [one.pk, other.pk, full.pk, one.pk, two.pk],
        )
    assert (people_in(full), people_in(other)) == (2, 1)


def test_how_a_person_came_here_is_kept_and_begins_anew_with_a_move(project, manager):
    old = CohortFactory(project=project)
    row = MembershipFactory(cohort=old, told_at=AT, blocked_since=AT, deferred_from=old)
    new = CohortFactory(project=project)
    assign_people(
        cohort=new,
        participants=Participant.objects.all(),
        acting_user=manager,
        placed_by=Placement.RULE,
        note="Rule 1: everybody",
    )
    row.refresh_from_db()
    now = (row.cohort_id, row.placed_by, row.placement_note, row.told_at, row.deferred_from_id)
    # A problem is the person's, wherever they are.
    assert (now, row.blocked_since) == ((new.pk, "rule", "Rule 1: everybody", None, None), AT)
    load(project, [row.participant.upn], cohort=old)
    row.refresh_from_db()
    assert (row.cohort_id, row.placed_by, row.placement_note) == (old.pk, "file", "")


PLACES, TAKEN, ASKING = 60, 10, 200
CONNECTIONS = Semaphore(40)  # the server of the tests has a hundred, and others use it too


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_200_people_book_the_last_50_places_at_once_and_50_get_one(tmp_path):
    """A fifth each by the service, the page, the command, their own choice and plain SQL."""
    manager = UserFactory(is_superuser=True)
    project = ProjectFactory()
    StakeholderFactory(project=project, user=manager, access=AccessRole.MANAGER)
    wave = CohortFactory(project=project, name="Wave 1", capacity=PLACES, is_bookable=True)
    MembershipFactory.create_batch(TAKEN, cohort=wave)
    people = ParticipantFactory.create_batch(ASKING, project=project)
    ways = (
        by_service(wave),
        by_page(wave, manager),
        by_command(wave, tmp_path),
        by_choice(wave),
        by_sql(wave),
    )
    other = CohortFactory(project=project)
    for person in people[3 :: len(ways)]:
        MembershipFactory(cohort=other, participant=person)
    turns = zip(people, cycle(ways), strict=False)
    results = at_once(*(attempt(way, person) for person, way in turns))
    assert (results.count(True), people_in(wave)) == (PLACES - TAKEN, PLACES)
    assert results.count(False) == ASKING - (PLACES - TAKEN)


def attempt(way, person):
    """Whether it worked out; errors of another kind end in None."""

    def tried() -> bool:
        with CONNECTIONS:
            try:
                return way(person) is not False
            except (CohortFull, CommandError, DatabaseError):
                return False
            finally:
                connection.close()

    return tried


def by_service(wave):
    def book(person):
        people = Participant.objects.filter(pk=person.pk)
        assign_people(cohort=wave, participants=people, acting_user=None)

    return book


def by_page(wave, manager) -> Callable[[Participant], bool]:
    address = reverse("cohorts:people_assign", args=[wave.project.slug])

    def book(person):
        client = Client()
        client.force_login(manager)
        data = {"scope": "picked", "cohort": wave.pk, "people": [person.pk]}
        return client.post(address, data).status_code == HTTPStatus.FOUND

    return book


def by_command(wave, folder):
    def book(person):
        file = folder / f"{person.pk}.csv"
        file.write_text(f"upn\n{person.upn}\n")
        command = ("import_people", wave.project.slug, str(file))
        call_command(*command, cohort=wave.name, stdout=io.StringIO())

    return book


def by_choice(wave):
    at = datetime(2038, 1, 4, 9, tzinfo=UTC)
    return lambda person: choose_date(participant=person, cohort=wave, at=at)


def by_sql(wave):
    return lambda person: Membership(cohort=wave, participant=person, kind=wave.kind).save()
