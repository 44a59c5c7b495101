"""A kept ledger equals the rows, whatever became of them after the occurrence was done."""

import random

import pytest
from django.db.models import Count, F

from communications.enums import DeliveryState, OccurrenceState
from communications.models import Delivery, DeliveryCount, Occurrence
from communications.queries.ledger import ledger_of_project, ledgers
from communications.services.ledgers import keep_ledgers
from tests.factories.cohorts import ParticipantFactory
from tests.factories.communications import DeliveryFactory, OccurrenceFactory

pytestmark = pytest.mark.django_db
STATES = DeliveryState.values


def read(occurrences: list[Occurrence]) -> dict[tuple[int, str], int]:
    found = ledgers(one.pk for one in occurrences)
    return {
        (pk, state): n for pk, ledger in found.items() for state, n in ledger.states.items() if n
    }


def counted() -> dict[tuple[int, str], int]:
    rows = Delivery.objects.order_by().values_list("occurrence", "state")
    return {(pk, state): n for pk, state, n in rows.annotate(n=Count("pk"))}


@pytest.mark.parametrize("seed", range(4))
def test_ledgers_equal_rows_after_random_statements(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    occurrences = OccurrenceFactory.create_batch(3)
    people = ParticipantFactory.create_batch(12)
    for _n in range(80):
        occurrence = chance.choice(occurrences)
        rows = list(occurrence.deliveries.order_by("pk").values_list("pk", flat=True))
        some = Delivery.objects.filter(pk__in=chance.sample(rows, min(len(rows), 4)))
        deed = chance.randrange(6)
        if deed == 0:
            Delivery.objects.bulk_create(
                (
                    Delivery(
                        occurrence=occurrence,
                        participant=person,
                        recipient_key=f"p:{person.pk}",
                        state=chance.choice(STATES),
                    )
                    for person in chance.sample(people, 5)
                ),
                ignore_conflicts=True,
            )
        elif deed == 1:
            some.update(state=chance.choice(STATES))
        elif deed == 2:
            some.delete()
        elif deed == 3:
            keep_ledgers()
        else:
            # Done only where nothing is under way, as the pipeline does it.
            rest = occurrence.deliveries.filter(state__in=("queued", "claimed", "sending"))
            state = chance.choice([OccurrenceState.SENDING, OccurrenceState.DONE])
            if state == OccurrenceState.SENDING or not rest.exists():
                Occurrence.objects.filter(pk=occurrence.pk).update(state=state)
        assert read(occurrences) == counted()


def test_what_is_done_is_kept_and_what_is_reopened_is_counted() -> None:
    occurrence = OccurrenceFactory(state=OccurrenceState.SENDING)
    mail = DeliveryFactory(occurrence=occurrence, state="sent")
    assert DeliveryCount.objects.count() == 0
    Occurrence.objects.update(state=OccurrenceState.DONE)
    assert DeliveryCount.objects.values_list("state", "rows").get() == ("sent", 1)
    assert ledger_of_project(occurrence.project)[DeliveryState.SENT] == 1
    Delivery.objects.filter(pk=mail.pk).update(state="failed")
    assert DeliveryCount.objects.count() == 0
    assert read([occurrence]) == {(occurrence.pk, "failed"): 1}
    keep_ledgers()
    assert DeliveryCount.objects.values_list("state", "rows").get() == ("failed", 1)
    assert ledgers([]) == {}


def test_none_is_kept_of_what_has_a_row_under_way() -> None:
    occurrence = OccurrenceFactory(state=OccurrenceState.DONE)
    mail = DeliveryFactory(occurrence=occurrence, state="queued")
    keep_ledgers()
    Delivery.objects.filter(pk=mail.pk).update(state="claimed")
    assert read([occurrence]) == {(occurrence.pk, "claimed"): 1}


def test_a_state_set_to_what_it_is_changes_nothing() -> None:
    occurrence = OccurrenceFactory(state=OccurrenceState.SENDING)
    for state in ("sent", "failed"):
        DeliveryFactory(occurrence=occurrence, state=state)
    Occurrence.objects.update(state=OccurrenceState.DONE)
    Delivery.objects.update(state=F("state"))
    kept = set(DeliveryCount.objects.values_list("state", "rows"))
    assert kept == {("sent", 1), ("failed", 1)}
