"""Nobody's address and nothing that opens anything in any line that a whole loop logs."""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from accounts.tokens import first_admin_token
from projects.models import Project
from tests.communications.sink import Sink
from tests.factories.people import PASSWORD
from tests.factories.surveys import POSTED
from tests.rollout.whole import whole_project

PEOPLE = "upn,mail\n" + "".join(
    f"p{n}@people.example.org,p{n}@mail.example.org\n" for n in range(4)
)
BAD_ROWS = "p0@people.example.org,\nnobody at people.example.org,\n"
LINK = re.compile(r"https?://[^/]+(/s/([^/\s)>\"]+)/)")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What standard error would hold, whatever the level of a logger."""
    root, stream = logging.getLogger(), io.StringIO()
    formatter = next(
        handler.formatter
        for handler in root.handlers
        if type(handler.formatter).__module__.startswith("structlog")
    )
    handler, level = logging.StreamHandler(stream), root.level
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(level)
    root.removeHandler(handler)


def script(stage: str, text: str) -> str | None:
    """A server that refuses one person for good, and tells everybody whom."""
    if stage == "RCPT" and "p3@" in text:
        return "550 5.1.1 <p3@mail.example.org>: no such person"
    return None


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with Sink(script=script) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def import_and_send(project: Project, manager: User, folder: Path) -> None:
    file = folder / "people.csv"
    file.write_text(PEOPLE + BAD_ROWS)
    options = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    call_command("import_people", project.slug, str(file), "--cohort", "Pilot", **options)
    survey = project.surveys.get(cohort__name="Pilot")
    who = ("--cohort", "Pilot", "--as", manager.email)
    call_command("open_survey", project.slug, survey.key, *who, **options)
    call_command("send_due", **options)


def answer(raw: str) -> str:
    """As the person of this mail; returns the token."""
    found = LINK.search(raw.replace("=\r\n", "").replace("=3D", "="))
    assert found
    browser = Client()
    page = browser.get(found[1], follow=True)
    mark = page.content.decode().partition('name="visit" value="')[2].partition('"')[0]
    browser.post(page.request["PATH_INFO"], {**POSTED, "visit": mark})
    browser.get(found[1], HTTP_REFERER=f"http://testserver{found[1]}")
    return found[2]


def sign_in_wrongly(manager: User) -> str:
    """Also asks for a new password, follows that link, and tries a first administrator's."""
    browser = Client()
    for login in (manager.email, "nobody@people.example.org"):
        browser.post("/accounts/login/", {"login": login, "password": "wrong"})
    browser.post("/accounts/password/reset/", {"email": manager.email})
    (path,) = re.findall(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)
    browser.get(path)
    browser.get(f"/accounts/first-admin/{first_admin_token()}/")
    browser.post("/accounts/login/", {"login": manager.email, "password": PASSWORD})
    browser.get("/projects/none/people/", {"q": "p1@people.example.org"})
    return path.rstrip("/").rpartition("/")[2]


def test_no_line_holds_an_address_or_a_token(
    manager: User, sink: Sink, tmp_path: Path, log: io.StringIO
) -> None:
    structlog.get_logger(__name__).info("the log is read")
    project = whole_project(manager)
    import_and_send(project, manager, tmp_path)
    assert len(sink.mails) == 3
    tokens = [answer(one.raw) for one in sink.mails]
    tokens += [sign_in_wrongly(manager), first_admin_token()[:20]]
    lines = log.getvalue()
    assert "the log is read" in lines
    assert "request_finished" in lines
    addresses = ("people.example.org", "mail.example.org", manager.email)
    held = [
        line for line in lines.splitlines() if any(one in line for one in (*addresses, *tokens))
    ]
    assert held == []
