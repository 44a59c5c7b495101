"""The web server, as compose starts it, while Redis is not there and the database goes and comes.

Nothing measures time here: whoever asks hangs up after the seconds that an answer may take.
"""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.test import Client, RequestFactory

from accounts.models import User
from communications.enums import OccurrenceState
from projects.models import Project
from tests.factories.communications import OccurrenceFactory
from tests.hostile.proxy import Wire, wire_to
from tests.listener import ROOT
from upgrade_tracker.errors import server_error
from upgrade_tracker.launch import commands
from upgrade_tracker.launch.ports import HOST, answers, free_port

MOST_SECONDS = 5
START_SECONDS = 30


@pytest.fixture
def wire() -> Iterator[Wire]:
    """To the tests' own database."""
    given = connection.settings_dict
    with wire_to(given["HOST"] or HOST, int(given["PORT"] or 5432)) as wire:
        yield wire


@pytest.fixture
def web(wire: Wire) -> Iterator[int]:
    """The port of a web server that knows the database by the wire, and a Redis nowhere."""
    given = {**connection.settings_dict, "HOST": HOST, "PORT": wire.port}
    port = free_port()
    process = subprocess.Popen(
        commands.with_python(commands.web(f"{HOST}:{port}"), sys.executable),
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**given),
            "REDIS_URL": f"redis://{HOST}:{free_port()}/0",
            "SECRET_KEY": settings.SECRET_KEY,
        },
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(port):
            assert process.poll() is None, "the web server has ended"
            assert time.monotonic() < deadline, "the web server does not answer"
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def ask(port: int, method: str, path: str, client: Client, **form: str) -> tuple[int, str]:
    """Status and page; TimeoutError where nobody answers in time."""
    web = HTTPConnection(HOST, port, timeout=MOST_SECONDS)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Content-Type": "application/x-www-form-urlencoded",
        "X-CSRFToken": cookies.get("csrftoken", ""),
    }
    body = "&".join(f"{name}={value}" for name, value in form.items())
    web.request(method, path, body=body, headers=headers)
    response = web.getresponse()
    page = response.read().decode()
    web.close()
    return response.status, page


def assert_right_back(status: int, page: str) -> None:
    assert (status, "We will be right back" in page) == (503, True)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_web_goes_on_without_redis_and_says_so_without_a_database(
    project: Project, manager: User, as_user: Any, wire: Wire, web: int
) -> None:
    occurrence = OccurrenceFactory(message__project=project)
    client = as_user(manager)
    client.cookies["csrftoken"] = "c" * 32
    home = f"/projects/{project.slug}/"
    page = f"{home}communications/{occurrence.pk}/"
    assert ask(web, "GET", home, client)[0] == 200

    # A save that rings the doorbell, with nobody to hear it.
    assert ask(web, "POST", f"{page}approve/", client, people="0", mark="0")[0] == 302
    occurrence.refresh_from_db()
    assert occurrence.state == OccurrenceState.APPROVED

    wire.cut()
    for path in (home, "/accounts/profile/", f"{home}people/export.csv"):
        assert_right_back(*ask(web, "GET", path, client))
    assert_right_back(*ask(web, "POST", f"{page}unapprove/", client))
    assert ask(web, "GET", "/healthz", Client())[0] == 200
    assert ask(web, "GET", "/readyz", Client())[0] == 503
    wire.mend()
    assert ask(web, "GET", home, client)[0] == 200

    wire.die()
    assert_right_back(*ask(web, "GET", home, client))
    wire.mend()
    assert ask(web, "GET", home, client)[0] == 200
    occurrence.refresh_from_db()
    assert occurrence.state == OccurrenceState.APPROVED


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError(), 503),
        (InterfaceError(), 503),
        (DatabaseError(), 500),
        (OSError(errno.ENOSPC, "full"), 503),
        (OSError(errno.EACCES, "not yours"), 500),
        (ValueError(), 500),
    ],
)
def test_page_for_what_nobody_caught(error: Exception, status: int) -> None:
    try:
        raise error
    except type(error):
        response = server_error(RequestFactory().get("/"))
    assert response.status_code == status
    assert ("Retry-After" in response) == (status == 503)
