"""The administrators' page about mail: figures, addresses that get none, stopping and releasing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import User
from communications.models import Sender, Suppression, Unsubscription
from communications.queries.health import PAGE, MailHealth, mail_health
from tests.factories.communications import DeliveryFactory, SuppressionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, admin: User) -> str:
    client.force_login(admin)
    return reverse("mail:health")


def test_figures_are_of_the_last_day_and_of_what_is_open() -> None:
    at = now()
    DeliveryFactory(state="sent", sent_at=at - timedelta(hours=23), occurrence__due_at=at)
    DeliveryFactory(state="sent", sent_at=at - timedelta(hours=25), occurrence__due_at=at)
    for state in ("queued", "uncertain", "uncertain", "failed"):
        DeliveryFactory(state=state)
    SuppressionFactory(until=at - timedelta(days=1))
    SuppressionFactory(until=at + timedelta(days=1))
    SuppressionFactory(until=None)
    Unsubscription.objects.create(address_key="a@example.org")
    assert mail_health(at) == MailHealth(
        sent=1,
        bounced=0,
        waiting=1,
        uncertain=2,
        suppressed=2,
        unsubscribed=1,
        held_until=None,
        hold_reason="",
    )


def test_the_list_is_filtered_and_paged_without_gaps(client: Client, page: str) -> None:
    for number in range(PAGE + 3):
        SuppressionFactory(address_key=f"p{number}@example.org", kind="hard_bounce")
    SuppressionFactory(address_key="quiet@example.org", kind="do_not_contact", reason="asked us")
    first = client.get(page)
    second = client.get(page + first.context["next_url"])
    shown = [row.address_key for answer in (first, second) for row in answer.context["rows"]]
    assert shown == ["quiet@example.org", *(f"p{n}@example.org" for n in reversed(range(PAGE + 3)))]
    assert second.context["next_url"] == ""
    found = client.get(page, {"kind": "do_not_contact", "words": "ASKED"}).context["rows"]
    assert [row.address_key for row in found] == ["quiet@example.org"]
    assert client.get(page, {"kind": "nonsense"}).status_code == 422


def test_an_address_is_stopped_and_released(client: Client, page: str, admin: User) -> None:
    waiting = DeliveryFactory(state="queued", participant__mail="Ana@example.org")
    data = {"address": "ANA@example.org", "reason": "On leave", "until": ""}
    assert client.post(page, data).status_code == 302
    row = Suppression.objects.get()
    assert (row.address_key, row.kind, row.reason, row.until, row.set_by) == (
        "ana@example.org",
        "do_not_contact",
        "On leave",
        None,
        admin,
    )
    waiting.refresh_from_db()
    assert waiting.state == "skipped"
    assert client.post(reverse("mail:release"), {"address": row.address_key}).status_code == 302
    assert Suppression.objects.count() == 0


def test_what_makes_no_sense_is_said_and_kept(client: Client, page: str) -> None:
    yesterday = (now() - timedelta(days=1)).date().isoformat()
    data = {"address": "ana@example.org", "reason": "Why", "until": yesterday}
    answer = client.post(page, data)
    assert answer.status_code == 422
    assert "The end lies in the past." in answer.content.decode()
    assert 'value="ana@example.org"' in answer.content.decode()
    assert Suppression.objects.count() == 0


def test_limits_are_set_shown_and_said_by_whom(client: Client, page: str, admin: User) -> None:
    Sender.objects.create(name="default", fewer_connections=2, fewer_until=now() + timedelta(1))
    assert "fewer connections: 2." in client.get(page).content.decode()
    data = {"per_second": "20", "per_hour": "3600", "connections": "", "uses_pipelining": "on"}
    assert client.post(reverse("mail:limits"), data).status_code == 302
    row = Sender.objects.get()
    assert (row.per_second, row.per_hour, row.connections, row.uses_pipelining) == (
        20,
        3600,
        None,
        True,
    )
    assert (row.changed_by, row.fewer_until) == (admin, None)
    shown = client.get(page).content.decode()
    assert "0 of 3,600 mails of the last hour are used." in " ".join(shown.split())
    assert f"Set by {admin}" in shown
    assert client.post(reverse("mail:limits"), {}).status_code == 302
    row.refresh_from_db()
    assert (row.per_second, row.per_hour, row.uses_pipelining) == (None, None, False)


@pytest.mark.parametrize("wrong", ["0", "-1", "1e9", "x\x00", "99999999999999999999"])
def test_limits_that_make_no_sense_change_nothing(client: Client, page: str, wrong: str) -> None:
    Sender.objects.create(name="default", per_hour=5)
    answer = client.post(reverse("mail:limits"), {"per_hour": wrong})
    assert answer.status_code == 422
    assert Sender.objects.get().per_hour == 5
