"""One post, from its address to its answer."""

import socket
from collections.abc import Iterator

import pytest

from communications.exceptions import ChannelRefused
from communications.teams import address, line
from communications.teams.address import is_known_host, is_public, refuse_bad_address
from communications.teams.line import Answer, NotReached, Unanswered, post
from tests.communications.workflow import (
    SECRET,
    Workflow,
    drips,
    hangs_up,
    says,
    stalls,
    workflow,
)

GOOD = "https://prod-01.westeurope.logic.azure.com:443/workflows/a/triggers/manual?sig=x"


@pytest.fixture(autouse=True)
def _hosts(settings: pytest.FixtureRequest) -> None:
    settings.TEAMS_HOSTS = [".logic.azure.com", ".environment.api.powerplatform.com", "127.0.0.1"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "url",
    [
        GOOD,
        "https://a1.57.environment.api.powerplatform.com/powerautomate/workflows/x?sig=y",
        "HTTPS://PROD-01.LOGIC.AZURE.COM/x",
    ],
)
def test_addresses_of_workflows_are_taken(url: str, settings: object) -> None:
    settings.TEAMS_INSIDE = False  # type: ignore[attr-defined]
    refuse_bad_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "prod.logic.azure.com/x",
        "http://prod.logic.azure.com/x",
        "ftp://prod.logic.azure.com/x",
        "https://user:pass@prod.logic.azure.com/x",
        "https://user@prod.logic.azure.com/x",
        "https://prod.logic.azure.com:8443/x",
        "https://prod.logic.azure.com:99999/x",
        "https://logic.azure.com/x",
        "https://evil-logic.azure.com.example.org/x",
        "https://evillogic.azure.com/x",
        "https://prod.logic.azure.com./x",
        "https://example.org\\@prod.logic.azure.com/x",
        "https://example.org/prod.logic.azure.com",
        "https://example.org#.logic.azure.com/x",
        "https://prod.logic.azure.com/x\r\nHost: evil",
        "https://prod.logic.azure.com/x y",
        "https://prod.logic.azure.com/\x00",
        "https://[::1]/x",
        "https://127.0.0.2/x",
        "https://prод.logic.azure.com/x",
        "https://prod.logic.azure.com/" + "x" * 2000,
    ],
)
def test_other_addresses_are_refused(url: str, settings: object) -> None:
    settings.TEAMS_INSIDE = False  # type: ignore[attr-defined]
    with pytest.raises(ChannelRefused):
        refuse_bad_address(url)


def test_a_dot_in_front_means_everything_below(settings: object) -> None:
    settings.TEAMS_HOSTS = [".a.example", "b.example", "*.c.example"]  # type: ignore[attr-defined]
    hosts = ["x.a.example", "a.example", ".a.example", "b.example", "x.b.example", "y.C.example"]
    assert [is_known_host(host) for host in hosts] == [True, False, False, True, False, True]


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("20.50.1.2", True),
        ("2a01:111:f100::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_only_public_machines_are_reached(ip: str, public: bool) -> None:
    assert is_public(ip) is public


def test_a_name_that_leads_inside_is_not_followed(
    settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name may lead elsewhere after it was looked at, so it is looked at when we connect."""
    with workflow() as inside:
        rows = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("20.50.1.2", 443)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", inside.port)),
        ]
        url = inside.url
        assert post(url, b"{}") == Answer(202)
        settings.TEAMS_INSIDE = False  # type: ignore[attr-defined]
        with pytest.raises(NotReached, match="private address"):
            post(url, b"{}")
        monkeypatch.setattr(address.socket, "getaddrinfo", lambda *a, **k: rows)
        with pytest.raises(NotReached, match="private address"):
            post(url, b"{}")
    assert len(inside.posts) == 1


def test_a_host_that_is_not_named_is_not_called(settings: object) -> None:
    with workflow() as there:
        settings.TEAMS_HOSTS = [".logic.azure.com"]  # type: ignore[attr-defined]
        with pytest.raises(NotReached, match="not a host"):
            post(there.url, b"{}")
    assert there.posts == []


@pytest.fixture
def elsewhere() -> Iterator[Workflow]:
    with workflow() as other:
        yield other


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int, elsewhere: Workflow) -> None:
    with workflow(says(status, Location=elsewhere.url)) as there:
        assert post(there.url, b"{}").status == status
    assert (len(there.posts), elsewhere.posts) == (1, [])


def test_no_proxy_and_no_password_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch, elsewhere: Workflow
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{elsewhere.port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{elsewhere.port}")
    with workflow() as there:
        assert post(there.url, b"{}") == Answer(202)
    assert (len(there.posts), elsewhere.posts) == (1, [])


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (says(200), Answer(200)),
        (says(202, b'{"code": "Taken"}'), Answer(202)),
        (says(429, Retry_After="7"), Answer(429, wait=7)),
        (says(429, Retry_After="999999"), Answer(429, wait=3600)),
        (says(429, Retry_After="0"), Answer(429, wait=1)),
        (says(429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"), Answer(429)),
        (says(404, b'{"error": {"code": "WorkflowNotFound"}}'), Answer(404, "WorkflowNotFound")),
        (says(400, f'{{"code": "{SECRET}=1"}}'.encode()), Answer(400)),
        (says(400, b"x" * 1_000_000 + b'"code": "Late"'), Answer(400)),
    ],
)
def test_what_a_workflow_answers(answer: line.Answer, found: Answer) -> None:
    with workflow(answer) as there:
        assert post(there.url, b"{}") == found


def test_a_closed_port_was_not_reached() -> None:
    with workflow() as there:
        url = there.url
    with pytest.raises(NotReached) as caught:
        post(url, b"{}")
    assert SECRET not in str(caught.value)


def test_a_connection_that_breaks_after_the_post_leaves_it_unknown() -> None:
    with workflow(hangs_up) as there, pytest.raises(Unanswered) as caught:
        post(there.url, b"{}")
    assert len(there.posts) == 1
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("answer", [stalls(3), drips])
def test_an_answer_that_does_not_come_in_time_is_unknown(
    answer: line.Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "READ_SECONDS", 0.5)
    monkeypatch.setattr(line, "CALL_SECONDS", 1.0)
    with workflow(answer) as there, pytest.raises(Unanswered):
        post(there.url, b"{}")
    assert len(there.posts) == 1
