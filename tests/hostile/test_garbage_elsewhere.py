"""Garbage where the table of addresses does not reach: cookies, headers, uploads, the public
survey behind its cookie, the mailbox of development."""

import mailbox
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from common import links
from projects.models import Project
from surveys.models import Survey
from tests.factories.cohorts import CohortFactory
from tests.factories.surveys import POSTED, invite, open_survey_row
from tests.hostile.attacker import Attacker
from tests.hostile.garbage import ALL, BROKEN, fitting, urlencoded

pytestmark = pytest.mark.usefixtures("quiet")
COOKIES = ("sessionid", "csrftoken", "theme", "messages", "django_language")
HEADERS = (
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_HX_CURRENT_URL",
    "HTTP_HX_REQUEST",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_REFERER",
    "HTTP_USER_AGENT",
    "HTTP_X_AUTOSAVE",
    "HTTP_X_CORRELATION_ID",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_REQUEST_ID",
    "HTTP_X_SESSION_TOKEN",
)
CSV = b"userPrincipalName,displayName\nnew@example.org,New\n"


def as_header(value: bytes) -> str:
    """As the server hands it on. A line end or a NUL never gets past a server."""
    return value.translate(None, b"\r\n\0").decode("latin-1")


@pytest.fixture
def survey(project: Project) -> Survey:
    return open_survey_row(CohortFactory(project=project), closes_at="2100-01-01T00:00:00Z")


@pytest.fixture
def visitor(survey: Survey) -> Attacker:
    """Has followed the link in their mail."""
    (invitation,) = invite(survey)
    client = Client()
    token = links.token("survey", invitation.public_id, invitation.generation)
    attacker = Attacker(client, client.get(f"/s/{token}/").url)
    page = client.get(attacker.address).content.decode()
    attacker.mark = page.partition('name="visit" value="')[2].partition('"')[0]
    return attacker


@pytest.mark.parametrize("where", ["/accounts/profile/", "/accounts/login/"])
def test_garbage_in_headers_and_cookies(where: str, manager: User, as_user: Any) -> None:
    attacker = Attacker(as_user(manager), where)
    for what, value in ALL.items():
        for header in HEADERS:
            attacker.send(f"{header}: {what}", "GET", **{header: as_header(value)})
        for cookie in COOKIES:
            attacker.cookie(f"{cookie}={what}", f"{cookie}={as_header(value)}")
    for cookie in COOKIES:
        # The octal spelling of quoted cookies is the way a NUL still comes in.
        attacker.cookie(f"{cookie} holds a nul", f'{cookie}="abcdefghij\\000klmnopqrst"')
        attacker.cookie(f"{cookie} is no utf-8", f'{cookie}="abcdefghij\\355\\240\\200"')
    assert attacker.faults == []


def test_garbage_in_an_answer(visitor: Attacker) -> None:
    body = {key: value[0] if isinstance(value, list) else value for key, value in POSTED.items()}
    valid = {"visit": visitor.mark.encode(), **{k: v.encode() for k, v in body.items()}}
    for extra in ({}, {"keep": b"1"}):
        for field in valid:
            for what, value in fitting(valid[field] if field == "q-words" else None).items():
                visitor.post(f"{field}={what} {extra}", {**valid, **extra, field: value})
            nul = {**valid, **extra, field: BROKEN["nul"]}
            visitor.post_parts(f"{field}=nul in parts {extra}", nul)
    assert visitor.post("valid", valid) == 302
    assert visitor.faults == []


def test_garbage_in_taking_an_answer_back(visitor: Attacker) -> None:
    for what, value in ALL.items():
        visitor.send(what, "GET", query=urlencoded({"visit": value}))
        visitor.send(
            f"visit={what}", "POST", address=f"{visitor.address}change/", data=b"visit=" + value
        )
    assert visitor.faults == []


def test_garbage_in_a_visit(visitor: Attacker) -> None:
    (name,) = (name for name in visitor.jar if name.startswith("survey-"))
    genuine = visitor.jar[name]
    for what, value in ALL.items():
        visitor.cookie(what, f"{name}={as_header(value)}")
        visitor.cookie(f"{what}, signed otherwise", f"{name}={genuine[:-3]}{as_header(value)}")
    assert visitor.faults == []


def test_garbage_in_an_upload(project: Project, manager: User, as_user: Any) -> None:
    attacker = Attacker(as_user(manager), f"/projects/{project.slug}/people/import/")
    for what, value in ALL.items():
        attacker.post_parts(f"content is {what}", {}, file=(b"people.csv", value))
        attacker.post_parts(f"row is {what}", {}, file=(b"people.csv", CSV + value + b",x\n"))
        attacker.post_parts(f"head is {what}", {}, file=(b"people.csv", value + b"," + CSV))
        name = value.translate(None, b'\r\n"')
        attacker.post_parts(f"name is {what}", {}, file=(name, CSV))
        attacker.post_parts(f"cohort is {what}", {"cohort": value}, file=(b"people.csv", CSV))
        attacker.post_parts(f"strict is {what}", {"is_strict": value}, file=(b"people.csv", CSV))
    attacker.post_parts("empty file", {}, file=(b"people.csv", b""))
    attacker.post("file as text", {"file": CSV})
    attacker.send("no form at all", "POST", data=b"{}", content_type="application/json")
    attacker.send("torn", "POST", data=b"----x", content_type="multipart/form-data; boundary=--x")
    attacker.send("no boundary", "POST", data=b"--x", content_type="multipart/form-data")
    attacker.send("strange charset", "POST", data=b"a=b", content_type="text/csv; charset=utf-99")
    assert attacker.post_parts("valid", {}, file=(b"people.csv", CSV)) == 302
    assert attacker.faults == []


def test_garbage_in_the_mailbox(db: None, settings: Any, tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "mails", create=True)
    for value in ALL.values():
        box.add(b"Subject: " + value + b"\nContent-Type: " + value + b"\n\n" + value)
    settings.DEVELOPMENT, settings.MAILBOX_DIR = True, str(tmp_path / "mails")
    attacker = Attacker(Client(), "/mailbox/")
    attacker.send("list", "GET")
    for what, value in ALL.items():
        attacker.send(f"words={what}", "GET", query=urlencoded({"words": value}))
    for key in list(box.iterkeys()):
        for end in ("", "html/"):
            attacker.send("a mail", "GET", address=f"/mailbox/{key}/{end}")
    assert attacker.faults == []
