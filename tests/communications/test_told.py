"""Who was told is true at any moment, whichever way a mail or a person went."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cohorts.models import Cohort, Membership, Participant
from communications.enums import DeliveryState
from communications.models import Delivery, Occurrence
from projects.models import Project
from tests.cohorts.counted import counted, kept
from tests.cohorts.test_races import at_once
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.communications import DeliveryFactory, OccurrenceFactory

pytestmark = pytest.mark.django_db
AT = datetime(2038, 5, 25, 7, tzinfo=UTC)


def occurrence_of(cohort: Cohort) -> Occurrence:
    return OccurrenceFactory(message__project=cohort.project, cohort=cohort)


def told(project: Project) -> set[tuple[int, int]]:
    rows = Membership.objects.filter(cohort__project=project, told_at__isnull=False)
    return set(rows.values_list("cohort_id", "participant_id"))


def sent(project: Project) -> set[tuple[int, int]]:
    """The same, asked from the mails."""
    mails = Delivery.objects.filter(state="sent", occurrence__project=project)
    pairs = set(mails.values_list("occurrence__cohort_id", "participant_id"))
    rows = Membership.objects.filter(cohort__project=project)
    return pairs & set(rows.values_list("cohort_id", "participant_id"))


@pytest.fixture
def wave(project: Project) -> Cohort:
    return CohortFactory(project=project)


def test_the_first_sent_mail_tells_and_the_second_changes_nothing(wave: Cohort) -> None:
    place = MembershipFactory(cohort=wave)
    for hours in (0, 1):
        mail = DeliveryFactory(occurrence=occurrence_of(wave), participant=place.participant)
        Delivery.objects.filter(pk=mail.pk).update(
            state=DeliveryState.SENT, sent_at=AT + timedelta(hours=hours)
        )
    place.refresh_from_db()
    assert place.told_at == AT
    assert kept(wave.project) == counted(wave.project)


def test_whoever_moves_is_told_by_the_mails_of_the_new_cohort_alone(wave: Cohort) -> None:
    other = CohortFactory(project=wave.project)
    place = MembershipFactory(cohort=wave)
    DeliveryFactory(
        occurrence=occurrence_of(wave), participant=place.participant, state="sent", sent_at=AT
    )
    Membership.objects.update(cohort=other)
    place.refresh_from_db()
    assert place.told_at is None
    Membership.objects.update(cohort=wave)
    place.refresh_from_db()
    assert place.told_at == AT
    Membership.objects.all().delete()
    assert MembershipFactory(cohort=wave, participant=place.participant) is not None
    assert Membership.objects.get().told_at == AT
    Delivery.objects.all().delete()
    assert Membership.objects.get().told_at is None
    assert kept(wave.project) == counted(wave.project)


class Chance:
    """Random mails and moves in one project."""

    def __init__(self, seed: int, project: Project) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.cohorts = CohortFactory.create_batch(3, project=project)
        self.occurrences = [occurrence_of(cohort) for cohort in self.cohorts for _n in range(2)]
        self.people = ParticipantFactory.create_batch(80, project=project)

    def some(self, rows: Any) -> Any:
        ids = list(rows.values_list("pk", flat=True))
        number = self.random.choice([1, 3, len(ids)])
        return rows.filter(pk__in=self.random.sample(ids, min(number, len(ids))))

    def step(self) -> None:
        self.random.choice([self.join, self.take_out, self.mail, self.mail, self.drop])()

    def join(self) -> None:
        cohort = self.random.choice(self.cohorts)
        people = self.some(Participant.objects.filter(project=cohort.project))
        Membership.objects.bulk_create(
            (Membership(participant=person, cohort=cohort, kind=cohort.kind) for person in people),
            update_conflicts=True,
            unique_fields=["participant", "kind"],
            update_fields=["cohort"],
        )

    def take_out(self) -> None:
        self.some(Membership.objects.all()).delete()

    def mail(self) -> None:
        occurrence = self.random.choice(self.occurrences)
        state = self.random.choice(["sent", "sent", "failed", "uncertain"])
        people = self.some(Participant.objects.filter(project=occurrence.project))
        Delivery.objects.bulk_create(
            (
                Delivery(
                    occurrence=occurrence,
                    participant=person,
                    recipient_key=f"p:{person.pk}",
                    state=state,
                )
                for person in people
            ),
            ignore_conflicts=True,
        )
        self.some(occurrence.deliveries.all()).update(state=state, sent_at=AT)

    def drop(self) -> None:
        self.some(Delivery.objects.all()).delete()


@pytest.mark.parametrize("seed", range(4))
def test_told_equals_sent_after_random_mails_and_moves(seed: int, project: Project) -> None:
    chance = Chance(seed, project)
    for _n in range(40):
        chance.step()
        assert told(project) == sent(project)
    assert kept(project) == counted(project)


@pytest.mark.django_db(transaction=True)
def test_people_who_move_leave_and_are_mailed_at_once_are_counted_right() -> None:
    wave = CohortFactory()
    other, pilot = (CohortFactory(project=wave.project, kind=kind) for kind in ("wave", "pilot"))
    people = ParticipantFactory.create_batch(40, project=wave.project)
    occurrence = occurrence_of(wave)
    for person in people:
        MembershipFactory(cohort=wave, participant=person)
        DeliveryFactory(occurrence=occurrence, participant=person, state="sending")

    def change(**values: Any) -> None:
        for person in people[:20]:
            Membership.objects.filter(participant=person, kind="wave").update(**values)

    def leave_and_return() -> None:
        for person in people:
            Participant.objects.filter(pk=person.pk).update(status="left")
            status = "active" if person.pk % 2 else "left"
            Participant.objects.filter(pk=person.pk).update(status=status)

    at_once(
        lambda: change(cohort=other),
        lambda: change(switched_at=AT),
        leave_and_return,
        lambda: [send(mail) for mail in occurrence.deliveries.order_by("pk")],
        lambda: [
            MembershipFactory(cohort=pilot, participant=person, switched_at=AT) for person in people
        ],
    )
    assert kept(wave.project) == counted(wave.project)
    assert told(wave.project) == sent(wave.project)


def send(mail: Delivery) -> None:
    Delivery.objects.filter(pk=mail.pk).update(state="sent", sent_at=AT)
