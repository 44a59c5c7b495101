"""Stopping what is not mandatory: one click in the mail program, two on the page, none by a GET."""

import io
import re
from email import message_from_bytes
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from common import links
from communications.models import Delivery, Unsubscription
from communications.personal_links import unsubscribe_address
from communications.services.unsubscribing import resubscribe, unsubscribe
from tests.communications.pipeline import due_occurrence, run_worker
from tests.communications.sink import Sink
from tests.factories.communications import DeliveryFactory

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def sent(address: str = "Ana@Example.org", **also: Any) -> Delivery:
    delivery = DeliveryFactory(**{"state": "sent", **also})
    Delivery.objects.filter(pk=delivery.pk).update(address=address)
    delivery.refresh_from_db()
    return delivery


def path_of(delivery: Delivery) -> str:
    return re.sub(r"^https?://[^/]+", "", unsubscribe_address(delivery.message_id))


def stopped() -> list[str]:
    return list(Unsubscription.objects.values_list("address_key", flat=True))


# ---- what a mail carries


def headers_of(sink: Sink) -> dict[str, Any]:
    mail = message_from_bytes(sink.mails[0].raw.encode())
    return {name: mail[name] for name in ("List-Unsubscribe", "List-Unsubscribe-Post")}


def test_an_optional_mail_carries_the_link_and_the_button(sink: Sink) -> None:
    occurrence = due_occurrence(1, message__is_mandatory=False)
    run_worker()
    address = unsubscribe_address(Delivery.objects.get(occurrence=occurrence).message_id)
    assert headers_of(sink) == {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    parts = message_from_bytes(sink.mails[0].raw.encode()).walk()
    bodies = [p.get_payload(decode=True).decode() for p in parts if not p.is_multipart()]
    assert [address in body for body in bodies] == [True, True]


def test_a_mandatory_mail_carries_neither(sink: Sink) -> None:
    due_occurrence(1, message__is_mandatory=True)
    run_worker()
    assert headers_of(sink) == {"List-Unsubscribe": None, "List-Unsubscribe-Post": None}
    assert "/u/" not in sink.mails[0].raw


# ---- who gets what afterwards


def test_optional_mails_stop_in_every_project_and_mandatory_ones_do_not(sink: Sink) -> None:
    optional = due_occurrence(1, message__is_mandatory=False)
    must = due_occurrence(1, message__is_mandatory=True)
    for occurrence in (optional, must):
        person = occurrence.cohort.memberships.get().participant
        person.mail = "ANA@example.org"
        person.save()
    unsubscribe(delivery=sent())
    run_worker()
    found = {
        occurrence.pk: list(
            Delivery.objects.filter(occurrence=occurrence).values_list("state", "reason")
        )
        for occurrence in (optional, must)
    }
    assert found == {
        optional.pk: [("skipped", "unsubscribed from what is not mandatory")],
        must.pk: [("sent", "")],
    }


def test_what_waits_is_taken_back_at_once_and_only_what_is_optional() -> None:
    optional, must = (
        DeliveryFactory(
            state="queued",
            participant__mail="ana@example.org",
            occurrence__message__is_mandatory=is_mandatory,
        )
        for is_mandatory in (False, True)
    )
    other = DeliveryFactory(state="queued", occurrence__message__is_mandatory=False)
    assert unsubscribe(delivery=sent()) is True
    assert unsubscribe(delivery=sent()) is False
    states = [Delivery.objects.get(pk=one.pk).state for one in (optional, must, other)]
    assert states == ["skipped", "queued", "queued"]
    assert resubscribe(delivery=sent()) is True
    assert resubscribe(delivery=sent()) is False


# ---- the pages


def test_a_mail_program_needs_one_post_and_no_cookie(client: Client) -> None:
    delivery = sent()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path_of(delivery), ONE_CLICK).status_code == 204
    assert stopped() == ["ana@example.org"]


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_changes_nothing(client: Client, method: str) -> None:
    response = getattr(client, method)(path_of(sent()))
    assert (response.status_code, response.url) == (302, reverse("unsubscribe:page"))
    assert response["Referrer-Policy"] == "no-referrer"
    assert client.get(response.url).status_code == 200
    assert stopped() == []


def test_a_person_presses_a_button_and_may_take_it_back(client: Client) -> None:
    client.get(path_of(sent()))
    page = reverse("unsubscribe:page")
    shown = client.get(page)
    mark = shown.context["visit"].mark
    assert "Ana@Example.org" in shown.content.decode()
    assert client.post(page, {"visit": mark}).status_code == 302
    assert stopped() == ["ana@example.org"]
    assert client.get(page).context["is_stopped"] is True
    client.post(page, {"visit": mark, "again": "1"})
    assert stopped() == []


def test_a_form_of_another_person_decides_nothing(client: Client) -> None:
    client.get(path_of(sent("bo@example.org")))
    page = reverse("unsubscribe:page")
    mark = client.get(page).context["visit"].mark
    client.get(path_of(sent()))
    client.post(page, {"visit": mark})
    assert stopped() == []


def test_links_that_open_nothing_all_look_the_same(client: Client) -> None:
    delivery, erased = sent(), sent("")
    path = path_of(delivery)
    altered = path[:10] + ("A" if path[10] != "A" else "B") + path[11:]
    foreign = links.token("survey", delivery.message_id, 1)
    unknown = links.token("unsubscribe", uuid4(), 1)
    later = links.token("unsubscribe", delivery.message_id, 2)
    paths = [
        altered,
        path_of(erased),
        *(reverse("unsubscribe:enter", args=[t]) for t in (foreign, unknown, later, "x")),
    ]
    answers = {(r.status_code, r.content) for r in (client.get(p) for p in paths)}
    posts = {(r.status_code, r.content) for r in (client.post(p, ONE_CLICK) for p in paths)}
    assert (len(answers), answers) == (1, posts)
    assert next(iter(answers))[0] == 404
    assert client.get(reverse("unsubscribe:page")).status_code == 404
    assert stopped() == []


def test_the_token_stands_in_no_log(client: Client, log: io.StringIO) -> None:
    delivery = sent()
    token = path_of(delivery).split("/")[2]
    client.get(path_of(delivery))
    client.post(path_of(delivery), ONE_CLICK)
    assert ("GET /u/***/" in log.getvalue(), token in log.getvalue()) == (True, False)
