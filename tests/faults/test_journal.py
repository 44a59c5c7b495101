"""What a killed worker wrote into its journal, and when nobody may believe it."""

import fcntl
import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from communications.mailer.crash import POINTS
from communications.models import Delivery
from communications.services.pipeline import journal as module
from communications.services.pipeline.journal import Journal
from communications.services.pipeline.legacy import of_the_dead
from communications.services.pipeline.reap import reap
from tests.communications.pipeline import due_occurrence, new_worker, run_worker
from tests.faults.processes import (
    Mailserver,
    finish,
    let_leases_run_out,
    start_worker,
    wait_until,
)
from tests.faults.truth import check_promise

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 5
OF_A_MAIL = [name for name in POINTS if name.split("-")[1] in ("mark", "dot", "answer", "result")]


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.SEND_JOURNAL = str(tmp_path / "journal")
    return tmp_path / "journal"


@pytest.fixture
def server(tmp_path: Path, settings: Any) -> Iterator[Mailserver]:
    """With PIPELINING, where it makes no difference."""
    settings.DEVELOPMENT = True
    with Mailserver(tmp_path) as one:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", one.port
        yield one


def dies_at(point: str, people: int = PEOPLE) -> Any:
    occurrence = due_occurrence(people)
    process = start_worker(point)
    process.join(30)
    assert process.exitcode == 137
    return occurrence


@pytest.mark.parametrize(
    ("point", "uncertain", "arrived"),
    [
        ("before-mark", 0, PEOPLE),
        ("after-mark", 0, PEOPLE),
        ("before-dot", 1, PEOPLE - 1),
        ("after-dot", 1, PEOPLE),
        ("after-answer", 1, PEOPLE),
        ("before-result", 0, PEOPLE),
        ("after-result", 0, PEOPLE),
    ],
)
def test_what_was_written_down_is_known(
    mailserver: Mailserver,
    settings: Any,
    folder: Path,
    point: str,
    uncertain: int,
    arrived: int,
) -> None:
    settings.SEND_CONNECTIONS = 1
    occurrence = dies_at(f"{point}:3")
    if point == "after-dot":  # it is on its way
        wait_until(lambda: mailserver.count() == 3)
    finish()
    states = check_promise(occurrence, PEOPLE, mailserver)
    assert (states["uncertain"], mailserver.count()) == (uncertain, arrived)
    reap()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("point", OF_A_MAIL)
def test_eight_connections_know_it_too(server: Mailserver, folder: Path, point: str) -> None:
    occurrence = dies_at(f"{point}:10", 120)
    finish()
    assert check_promise(occurrence, 120, server)["uncertain"] <= 8


@pytest.mark.slow
def test_a_storm_leaves_hardly_anything_uncertain(server: Mailserver, folder: Path) -> None:
    occurrence = due_occurrence(240)
    chance = random.Random(3)  # noqa: S311
    for number in range(1, 13):
        worker = start_worker(is_patient=True)
        wait_until(lambda number=number: server.count() >= number * 15)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.02))
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join(10)
        let_leases_run_out()
    finish()
    assert check_promise(occurrence, 240, server)["uncertain"] <= 12 * 8


# ---- when in doubt


def copied(path: Path) -> None:
    shutil.copy2(path, path.with_name("copy"))
    path.unlink()
    path.with_name("copy").rename(path)


def of_another(place: int) -> Callable[[Path], None]:
    def rewrite(path: Path) -> None:
        header, _, rest = path.read_bytes().partition(b"\n")
        about = json.loads(header)
        about["place"][place] = "elsewhere"
        path.write_bytes(json.dumps(about).encode() + b"\n" + rest)

    return rewrite


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def ending_in(text: bytes) -> Callable[[Path], None]:
    def rewrite(path: Path) -> None:
        path.write_bytes(path.read_bytes() + text)

    return rewrite


def headless(path: Path) -> None:
    path.write_bytes(path.read_bytes().partition(b"\n")[2])


SPOILT = [
    copied,
    of_another(0),
    of_another(1),
    of_another(2),
    half,
    headless,
    ending_in(b"x 1\n"),
    ending_in(b"\xff\n"),
    ending_in(b"\0\n"),
    ending_in(b"r 1\n"),
    Path.unlink,
]


@pytest.mark.parametrize(
    ("point", "spoil"),
    [
        *(("after-mark", spoil) for spoil in SPOILT),
        *(("before-result", spoil) for spoil in SPOILT[:5]),
    ],
)
def test_who_is_in_doubt_says_so(
    server: Mailserver, settings: Any, folder: Path, point: str, spoil: Callable[[Path], None]
) -> None:
    settings.SEND_CONNECTIONS = 1
    occurrence = dies_at(point, 1)
    (path,) = folder.iterdir()
    spoil(path)
    finish()
    assert check_promise(occurrence, 1, server) == {"uncertain": 1}


@pytest.fixture
def locked() -> Iterator[Callable[[Path], None]]:
    numbers: list[int] = []

    def lock(path: Path) -> None:
        numbers.append(os.open(path, os.O_RDWR))
        fcntl.flock(numbers[0], fcntl.LOCK_EX | fcntl.LOCK_NB)

    yield lock
    for number in numbers:
        os.close(number)


def test_a_journal_whose_worker_lives_is_not_read(
    server: Mailserver, settings: Any, folder: Path, locked: Callable[[Path], None]
) -> None:
    settings.SEND_CONNECTIONS = 1
    occurrence = dies_at("after-mark", 1)
    locked(next(folder.iterdir()))
    finish()
    assert check_promise(occurrence, 1, server) == {"uncertain": 1}


def test_a_stopped_worker_lives(server: Mailserver, settings: Any, folder: Path) -> None:
    """It wakes up between its mark and its dot, perhaps."""
    settings.SEND_LEASE_SECONDS = 1
    occurrence = due_occurrence(100)
    sleeper = start_worker()
    wait_until(lambda: server.count() >= 20)
    os.kill(sleeper.pid or 0, signal.SIGSTOP)
    time.sleep(1.1)
    with of_the_dead() as left:
        assert left == []
    run_worker(0.1)
    os.kill(sleeper.pid or 0, signal.SIGCONT)
    sleeper.join(30)
    finish()
    check_promise(occurrence, 100, server)


def test_a_truth_that_another_machine_could_not_know_comes_late(
    server: Mailserver, settings: Any, folder: Path
) -> None:
    settings.SEND_CONNECTIONS = 1
    occurrence = dies_at("before-result", 1)
    settings.SEND_JOURNAL = ""
    finish()
    assert check_promise(occurrence, 1, server) == {"uncertain": 1}
    settings.SEND_JOURNAL = str(folder)
    assert reap() == 1
    assert check_promise(occurrence, 1, server) == {"sent": 1}
    assert Delivery.objects.get().smtp_code == 250


# ---- keeping it


def test_who_ends_in_good_order_leaves_none(server: Mailserver, folder: Path) -> None:
    due_occurrence(3)
    assert run_worker() == {"sent": 3}
    assert list(folder.iterdir()) == []


def test_where_it_cannot_be_kept_mail_leaves_all_the_same(
    server: Mailserver, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.SEND_JOURNAL = str(tmp_path / "file")
    due_occurrence(3)
    assert run_worker() == {"sent": 3}


def full(monkeypatch: pytest.MonkeyPatch, word: bytes) -> None:
    """The disk is, whenever a line of this word is written."""
    write = os.write

    def refuse(number: int, line: bytes) -> int:
        return write(number, line[:3]) if line.startswith(word) else write(number, line)

    monkeypatch.setattr(module.os, "write", refuse)


@pytest.mark.parametrize("word", [b"m", b"d", b"r", b"{"])
def test_a_full_disk_ends_the_journal_and_nothing_else(
    server: Mailserver, folder: Path, monkeypatch: pytest.MonkeyPatch, word: bytes
) -> None:
    full(monkeypatch, word)
    due_occurrence(20)
    assert run_worker() == {"sent": 20}
    assert list(folder.iterdir()) == []


def test_no_dot_leaves_while_a_journal_would_lie(
    server: Mailserver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be neither written nor taken away."""
    full(monkeypatch, b"d")
    monkeypatch.setattr(Path, "unlink", refuse_to_go)
    due_occurrence(3)
    new_worker().run(0.5)
    assert server.mails() == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {"queued"}


def refuse_to_go(path: Path, missing_ok: bool = False) -> None:
    raise PermissionError(str(path))


def test_it_begins_anew_before_it_grows_big(
    folder: Path, monkeypatch: pytest.MonkeyPatch, server: Mailserver
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 600)
    occurrence = dies_at("before-result:30", 200)
    (path,) = folder.iterdir()
    assert path.stat().st_size < 2000
    assert json.loads(path.read_bytes().partition(b"\n")[0])["inode"][1] == path.stat().st_ino
    finish()
    check_promise(occurrence, 200, server)


def test_the_last_words_count_however_long_it_is(db: None, folder: Path) -> None:
    writer = Journal(uuid4())
    writer.open()
    for pk in range(1, 20_000):
        writer.marks([pk])
    writer.dots([19_998])
    writer.answers([(19_997, 250), (19_996, 452)])
    with of_the_dead() as left:
        assert left == []
    writer.close(is_settled=False)
    with of_the_dead() as left:
        (one,) = left
        assert one.taken == {19_997: 250}
        assert {19_996, 19_999} <= one.kept
        assert one.kept.isdisjoint({1, 19_997, 19_998})
