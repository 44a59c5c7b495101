"""The development mailbox: newest first, one mail, its HTML in a frame, and nowhere else."""

import mailbox
import os
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(tmp_path: Path, settings) -> mailbox.Maildir:
    settings.DEVELOPMENT = True
    settings.MAILBOX_DIR = str(tmp_path / "mails")
    return mailbox.Maildir(settings.MAILBOX_DIR, create=True)


def put(box: mailbox.Maildir, subject: str, at: int, html: str = "<p>Hi</p>") -> str:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.example", "c@d.example", subject
    message.set_content("See https://site.example/s/abc/ now <b>")
    message.add_alternative(f"<html><head></head><body>{html}</body></html>", subtype="html")
    key = box.add(message.as_bytes())
    os.utime(Path(box._path, box._lookup(key)), (at, at))
    return key


def test_list_shows_the_newest_first_and_finds_words(box: mailbox.Maildir) -> None:
    for at, subject in ((2000, "Second"), (3000, "Thörd"), (1000, "First")):
        put(box, subject, at)
    page = reverse("mailbox:mail_list")
    shown = [letter.subject for letter in Client().get(page).context["letters"]]
    assert shown == ["Thörd", "Second", "First"]
    found = Client().get(page, {"words": "thö"}).context["letters"]
    assert [letter.subject for letter in found] == ["Thörd"]


def test_mail_shows_headers_text_with_links_and_frame(box: mailbox.Maildir) -> None:
    key = put(box, "Subject", 1000)
    response = Client().get(reverse("mailbox:mail_detail", args=[key]))
    letter = response.context["letter"]
    assert dict(letter.headers)["To"] == "c@d.example"
    text = response.content.decode()
    assert '<a href="https://site.example/s/abc/"' in text
    assert "&lt;b&gt;" in text
    assert reverse("mailbox:mail_html", args=[key]) in text


def test_html_is_a_sandboxed_page_of_its_own(box: mailbox.Maildir) -> None:
    key = put(box, "Subject", 1000, "<script>alert(1)</script>")
    response = Client().get(reverse("mailbox:mail_html", args=[key]))
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    policy = response["Content-Security-Policy"]
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert '<base target="_blank">' in response.content.decode()


@pytest.mark.parametrize("key", ["nothing", "..", "%2e%2e", "new"])
def test_unknown_mail_is_not_found(box: mailbox.Maildir, key: str) -> None:
    put(box, "Subject", 1000)
    assert Client().get(f"/mailbox/{key}/").status_code == 404
    assert Client().get(f"/mailbox/{key}/html/").status_code == 404


def test_a_folder_without_mails_is_empty(settings, tmp_path: Path) -> None:
    settings.DEVELOPMENT = True
    settings.MAILBOX_DIR = str(tmp_path / "not-there-yet")
    assert Client().get(reverse("mailbox:mail_list")).context["letters"] == ()


@pytest.mark.parametrize(("development", "folder"), [(True, False), (False, True)])
def test_there_is_no_mailbox_outside_development(
    box: mailbox.Maildir, settings, development: bool, folder: bool
) -> None:
    key = put(box, "Subject", 1000)
    settings.DEVELOPMENT = development
    settings.MAILBOX_DIR = settings.MAILBOX_DIR if folder else ""
    for address in ("/mailbox/", f"/mailbox/{key}/", f"/mailbox/{key}/html/"):
        assert Client().get(address).status_code == 404
