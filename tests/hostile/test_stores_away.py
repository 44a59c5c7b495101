"""The web server, as compose starts it, while Redis is not there and the database goes and comes;
uploads while the disk is full.

Nothing measures time here: whoever asks hangs up after the seconds that an answer may take.
"""

import errno
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.test import Client, RequestFactory

from accounts.models import User
from cohorts.models import RosterUpload
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
    seen = {"people": "0", "mark": "0", "text": "1"}
    assert ask(web, "POST", f"{page}approve/", client, **seen)[0] == 302
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


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file of this process grows beyond ``size`` bytes; Python ignores the signal."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [200_000, 1_000_000])
def test_an_upload_to_a_full_disk_is_refused_and_leaves_nothing(
    project: Project, manager: User, as_user: Any, settings: Any, tmp_path: Path, size: int
) -> None:
    """Full in the midst of it, and at its very end, when what waited in memory is written."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1024
    client = as_user(manager)
    client.raise_request_exception = False
    roster = "upn,name\n" + "".join(f"p{n}@example.org,Person\n" for n in range(40_000))
    assert len(roster) > 1_000_000

    def upload() -> int:
        file = SimpleUploadedFile("people.csv", roster[:1_000_100].encode())
        return client.post(f"/projects/{project.slug}/people/import/", {"file": file}).status_code

    with full_disk(size):
        assert upload() == 503
    assert (list(tmp_path.iterdir()), RosterUpload.objects.count()) == ([], 0)
    assert upload() == 302
    assert RosterUpload.objects.count() == 1
