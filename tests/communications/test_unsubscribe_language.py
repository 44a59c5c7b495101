"""The page that stops mails is in the language of the mail that led there, wholly and alone."""

import re
from dataclasses import astuple
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

from common.theme import THEMES
from communications import stopping_words
from communications.languages import tag
from communications.mail_words import accepted, are_translated, wholly_in
from communications.models import Delivery
from communications.personal_links import unsubscribe_address
from tests.catalogues import sources
from tests.communications.pipeline import due_occurrence, run_worker
from tests.communications.sink import Sink
from tests.factories.communications import DeliveryFactory, VariantFactory

ADDRESS = "Ana@Example.org"
PROJECT = "Move & <more>"
LANGUAGES = [tag(source.parent.parent.name) for source in sources()]


def sent(language: str = "", **also: Any) -> Delivery:
    delivery = DeliveryFactory(state="sent", language=language, **also)
    Delivery.objects.filter(pk=delivery.pk).update(address=ADDRESS)
    project = delivery.occurrence.project
    project.name = PROJECT
    project.save()
    return delivery


def opened(client: Client, delivery: Delivery) -> HttpResponse:
    """The page that the link leads to."""
    path = re.sub(r"^https?://[^/]+", "", unsubscribe_address(delivery.message_id))
    return client.get(path, follow=True)


def said(page: HttpResponse) -> set[str]:
    """Everything that a reader sees or hears."""
    html = page.content.decode()
    texts = re.split(r"<[^>]*>", re.sub(r"</?bdi>", "", html))
    spoken = re.findall(r'\b(?:title|aria-label|alt|placeholder)="([^"]+)"', html)
    return {unescape(text).strip() for text in (*texts, *spoken)} - {""}


def ours(*, is_stopped: bool) -> set[str]:
    """What the page says in the language that is active."""
    words = stopping_words.page_words(ADDRESS, is_stopped=is_stopped)
    frame = stopping_words.frame_words()
    texts = {*astuple(words), frame.skip, frame.look, *(name for _word, name in frame.themes)}
    return {re.sub(r"</?bdi>", "", text) for text in texts}


def whose(page: HttpResponse) -> tuple[str, str, str]:
    """Which language it says it is in: the page, which way it is written, its header."""
    html = re.search(r'<html lang="([\w-]+)"( dir="rtl")?>', page.content.decode())
    assert html is not None
    return html[1], html[2] or "", page["Content-Language"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_wholly_in_the_language_of_the_mail(client: Client, language: str) -> None:
    delivery = sent(language)
    asks = opened(client, delivery)
    client.post(asks.request["PATH_INFO"], {"visit": asks.context["visit"].mark})
    stopped = client.get(asks.request["PATH_INFO"])
    english = ours(is_stopped=False) | ours(is_stopped=True)
    for page, is_stopped in ((asks, False), (stopped, True)):
        with wholly_in(language):
            assert said(page) == ours(is_stopped=is_stopped) | {PROJECT}
        sentences = {text for text in english if " " in text}
        assert said(page) & sentences == set()
        way = ' dir="rtl"' if language in {"ar", "he"} else ""
        assert whose(page) == (language, way, language)


def test_every_way_to_look_has_a_name() -> None:
    assert stopping_words.frame_words().themes == tuple(
        (w, str(name)) for w, name in THEMES.items()
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "own", "expected"),
    [
        ("", "", "en-gb"),
        ("", "ar", "ar"),
        ("fr", "ar", "fr"),
        ("de-at", "", "de"),
        ("en-us", "ar", "en-gb"),
        ("sw", "ar", "en-gb"),  # nobody translated our words: the mail has them in English, too
        ("", "fa", "en-gb"),
    ],
)
def test_it_is_the_mails_language_and_nobody_elses(
    client: Client, language: str, own: str, expected: str
) -> None:
    client.cookies["django_language"] = "ja"
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ja,ko;q=0.9"
    delivery = sent(language, occurrence__message__language=own)
    delivery.participant.language = "ja"
    delivery.participant.save()
    page = opened(client, delivery)
    way = ' dir="rtl"' if expected == "ar" else ""
    assert whose(page) == (expected, way, expected)
    assert set(client.cookies) == {"django_language", "unsubscribe", "csrftoken"}


@pytest.mark.django_db
def test_a_mail_leads_to_a_page_in_its_language(client: Client, sink: Sink) -> None:
    occurrence = due_occurrence(1, message__is_mandatory=False)
    VariantFactory(message=occurrence.message, language="de", subject="Neu", body="Guten Tag")
    person = occurrence.cohort.memberships.get().participant
    person.language = "de-CH"
    person.save()
    run_worker()
    page = opened(client, Delivery.objects.get(occurrence=occurrence))
    assert whose(page) == ("de", "", "de")
    assert "E-Mails von uns" in said(page)


@pytest.mark.django_db
def test_an_address_keeps_its_signs_where_they_belong(client: Client) -> None:
    delivery = sent("he")
    Delivery.objects.filter(pk=delivery.pk).update(address="<b>a&b@example.org")
    html = opened(client, delivery).content.decode()
    assert "<bdi>&lt;b&gt;a&amp;b@example.org</bdi>" in html
    assert "<bdi>Move &amp; &lt;more&gt;</bdi>" in html


# ---- links that nobody knows


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("ar-EG,ar;q=0.9,en;q=0.8", "ar"),
        ("sw,nn;q=0.9,no;q=0.8,en;q=0.7", "nb"),
        ("en-US,de;q=0.5", "en-gb"),
        ("de;q=0,fr;q=0.1", "fr"),
        ("zh-TW,zh;q=0.9", "zh-hant"),
        ("sw", "en-gb"),
        ("*", "en-gb"),
        ("", "en-gb"),
        ("../../de", "en-gb"),
        ("d" * 600, "en-gb"),
        (",;q=\u00e9", "en-gb"),
    ],
)
def test_of_who_opens_an_unknown_link_only_the_browser_says_something(
    client: Client, header: str, expected: str
) -> None:
    pages = [
        client.get(path, headers={"accept-language": header})
        for path in (reverse("unsubscribe:page"), reverse("unsubscribe:enter", args=["x"]))
    ]
    for page in pages:
        assert page.status_code == 404
        assert whose(page) == (expected, ' dir="rtl"' if expected == "ar" else "", expected)
        assert "Accept-Language" in page["Vary"]
        with wholly_in(expected):
            words = stopping_words.unknown_words()
        title = f"{words.title} · Upgrade Tracker"
        assert said(page) == {words.title, words.text, title, "Upgrade Tracker"}
        assert set(client.cookies) == set()


def test_what_a_browser_asks_for() -> None:
    asked = {language: accepted(language.upper()) for language in LANGUAGES}
    assert asked == {language: language for language in LANGUAGES}
    assert all(are_translated(language) for language in LANGUAGES)


# ---- the interface stays English


@pytest.mark.django_db
@pytest.mark.parametrize("is_known", [True, False])
def test_the_page_leaves_no_language_behind(client: Client, *, is_known: bool) -> None:
    before = interface(client)
    if is_known:
        page = opened(client, sent("ar"))
    else:
        page = client.get(reverse("unsubscribe:page"), headers={"accept-language": "ar"})
    assert whose(page) == ("ar", ' dir="rtl"', "ar")
    assert interface(client) == before
    assert before[0] == settings.LANGUAGE_CODE


def interface(client: Client) -> tuple[str | None, str, str]:
    """The language that is active, and two pages of the interface. No middleware sets the language
    right again for the first page, which is rendered without a request."""
    active, alone = translation.get_language(), render_to_string("404.html")
    login = client.get(reverse("account_login"))
    assert whose(login) == ("en-gb", "", "en-gb")
    return active, alone, re.sub(r'value="\w{64}"', "", login.content.decode())
