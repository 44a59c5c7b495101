"""Banners and posters: planned, missed, ticked off by a person, and never in the ledger."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Cohort
from common.exceptions import StaleState
from communications.enums import Channel, OccurrenceState
from communications.exceptions import ItemRefused, OrderRefused
from communications.models import Delivery, Occurrence
from communications.queries.standing import standing
from communications.services.approval import approve_occurrence
from communications.services.items import tick_item, untick_item
from communications.services.pipeline.house import keep_house
from projects.models import Event, Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import OccurrenceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def wave(project: Project) -> Cohort:
    return CohortFactory(project=project, name="Wave 1")


def item(cohort: Cohort, channel: str = Channel.BANNER, **columns: object) -> Occurrence:
    return OccurrenceFactory(
        cohort=cohort,
        message__project=cohort.project,
        message__channel=channel,
        message__title="Poster at the door",
        **columns,
    )


@pytest.mark.parametrize("channel", [Channel.BANNER, Channel.POSTER])
def test_who_ticked_it_and_when_is_kept(wave: Cohort, manager: User, channel: str) -> None:
    occurrence = item(wave, channel)
    before = now()
    tick_item(occurrence=occurrence, acting_user=manager)
    occurrence.refresh_from_db()
    assert (occurrence.state, occurrence.approved_by) == (OccurrenceState.DONE, manager)
    assert occurrence.finished_at is not None
    assert before - timedelta(seconds=5) < occurrence.finished_at < now() + timedelta(seconds=5)
    event = Event.objects.get(verb="occurrence.ticked")
    assert (event.actor, event.sentence) == (manager, "“Poster at the door, Wave 1” is done.")
    assert Delivery.objects.count() == 0


def test_only_one_ticks_it(wave: Cohort, manager: User) -> None:
    first, second = item(wave), Occurrence()
    second = Occurrence.objects.select_related("message", "project").get(pk=first.pk)
    tick_item(occurrence=first, acting_user=manager)
    with pytest.raises(StaleState):
        tick_item(occurrence=second, acting_user=manager)


def test_a_tick_can_be_taken_back(wave: Cohort, manager: User) -> None:
    occurrence = item(wave)
    tick_item(occurrence=occurrence, acting_user=manager)
    untick_item(occurrence=occurrence, acting_user=manager)
    occurrence.refresh_from_db()
    found = (occurrence.state, occurrence.approved_by, occurrence.finished_at)
    assert found == (OccurrenceState.PLANNED, None, None)
    assert Event.objects.filter(verb="occurrence.unticked").count() == 1


def test_a_mail_is_not_ticked_off_and_an_item_not_approved(wave: Cohort, manager: User) -> None:
    mail = OccurrenceFactory(cohort=wave, message__project=wave.project)
    with pytest.raises(ItemRefused):
        tick_item(occurrence=mail, acting_user=manager)
    with pytest.raises(OrderRefused):
        approve_occurrence(occurrence=item(wave), acting_user=manager)


def test_what_nobody_ticked_off_in_time_is_missed_and_can_still_be_done(
    wave: Cohort, manager: User
) -> None:
    MembershipFactory(cohort=wave)
    occurrence = item(wave, due_at=now() - timedelta(days=4), not_after=now() - timedelta(days=1))
    keep_house()
    occurrence.refresh_from_db()
    assert occurrence.state == OccurrenceState.MISSED
    assert "Tick it off" in Event.objects.get(verb="occurrence.missed").sentence
    tick_item(occurrence=occurrence, acting_user=manager)
    keep_house()
    occurrence.refresh_from_db()
    assert (occurrence.state, Delivery.objects.count()) == (OccurrenceState.DONE, 0)


def test_one_that_is_due_begins_nothing(wave: Cohort) -> None:
    MembershipFactory(cohort=wave)
    occurrence = item(wave, due_at=now() - timedelta(hours=1), not_after=now() + timedelta(days=1))
    keep_house()
    occurrence.refresh_from_db()
    assert (occurrence.state, Delivery.objects.count()) == (OccurrenceState.PLANNED, 0)


@pytest.mark.parametrize(
    ("state", "look", "word"),
    [
        ("planned", "warn", "to be done"),
        ("missed", "missed", "missed"),
        ("done", "done", "done"),
        ("cancelled", "cancelled", "cancelled"),
    ],
)
def test_how_it_stands(wave: Cohort, state: str, look: str, word: str) -> None:
    occurrence = item(wave, state=state, due_at=now() + timedelta(days=2))
    found = standing(occurrence, now())
    assert (found.look, str(found.word)) == (look, word)


def test_it_is_ticked_on_its_page(client: Client, wave: Cohort, manager: User) -> None:
    client.force_login(manager)
    occurrence = item(wave, due_at=now() + timedelta(days=2))
    page = f"/projects/{wave.project.slug}/communications/{occurrence.pk}/"
    assert "It is done" in client.get(page).content.decode()
    client.post(f"{page}tick/")
    shown = client.get(page).content.decode()
    assert "Ticked off by Mona Manager" in shown
    assert client.post(f"{page}tick/").status_code == 409
    client.post(f"{page}untick/")
    assert "It is done" in client.get(page).content.decode()


def test_it_stands_in_the_calendar(client: Client, wave: Cohort, manager: User) -> None:
    client.force_login(manager)
    item(wave, due_at=now() + timedelta(days=2))
    shown = client.get(f"/projects/{wave.project.slug}/communications/").content.decode()
    assert shown.count("Poster at the door") >= 2  # in the calendar, and in the list below
    assert "to be done" in shown
