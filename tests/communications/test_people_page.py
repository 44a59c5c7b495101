"""The ledger person by person: pages by key, filters, and the file of it."""

import pytest
from django.test import Client
from django.urls import reverse

from communications.enums import DeliveryState
from communications.models import Occurrence
from tests.factories.communications import DeliveryFactory, OccurrenceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def occurrence(project) -> Occurrence:
    return OccurrenceFactory(message__project=project)


@pytest.fixture
def client(as_user, manager) -> Client:
    return as_user(manager)


def of(name: str, occurrence: Occurrence) -> str:
    return reverse(f"communications:{name}", args=[occurrence.project.slug, occurrence.pk])


def test_people_are_paged_both_ways_and_filtered(
    client: Client, occurrence: Occurrence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("communications.queries.people.PAGE", 2)
    rows = [
        DeliveryFactory(occurrence=occurrence, participant__display_name=f"P{n}").pk
        for n in range(5)
    ]
    DeliveryFactory()
    address = of("delivery_list", occurrence)
    pages, query = [], ""
    for _ in range(3):
        response = client.get(address + query)
        pages.append([row.pk for row, _name in response.context["rows"]])
        query = response.context["next_url"]
    assert pages == [rows[:2], rows[2:4], rows[4:]]
    assert query == ""
    back = client.get(address + response.context["previous_url"])
    assert [row.pk for row, _name in back.context["rows"]] == rows[2:4]
    first = client.get(address + back.context["previous_url"])
    assert [row.pk for row, _name in first.context["rows"]] == rows[:2]
    assert first.context["previous_url"] == ""
    named = client.get(address, {"words": "p3"})
    assert [name for _row, name in named.context["rows"]] == ["P3"]
    assert client.get(address, {"state": "sent"}).context["rows"] == []
    assert client.get(address, {"state": "nonsense"}).status_code == 422


def test_people_export_is_guarded(client: Client, occurrence: Occurrence) -> None:
    DeliveryFactory(
        occurrence=occurrence,
        participant__display_name="=1+1",
        state=DeliveryState.SKIPPED,
        reason="no address",
    )
    response = client.get(of("delivery_export", occurrence))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert text == (
        "Name,Address,State,Reason,Attempts,Sent at,Server's code,Server's answer,Text\r\n"
        "'=1+1,,skipped,no address,0,,,,\r\n"
    )
    assert client.get(of("delivery_export", occurrence), {"state": "nonsense"}).status_code == 422
