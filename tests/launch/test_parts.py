"""The smaller parts: keys, lock, stale files, the mailbox, the front-end files, the locks."""

import mailbox
import os
import re
import smtplib
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from upgrade_tracker.launch import assets
from upgrade_tracker.launch.environment import local_environment
from upgrade_tracker.launch.errors import LaunchError
from upgrade_tracker.launch.instance import alone_in, running_environment, write_note
from upgrade_tracker.launch.keys import local_keys
from upgrade_tracker.launch.local import start_mailbox
from upgrade_tracker.launch.places import ROOT
from upgrade_tracker.launch.postgres import explain, wait_for_earlier
from upgrade_tracker.launch.processes import Crew


def test_keys_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    keys = local_keys(tmp_path)
    assert local_keys(tmp_path) == keys
    assert len(set(keys.values())) == len(keys) == 4
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_one_instance_per_folder_and_its_note_counts_only_while_it_runs(tmp_path: Path) -> None:
    write_note(tmp_path, {"SITE_URL": "http://127.0.0.1:1"})
    assert running_environment(tmp_path) is None
    with alone_in(tmp_path):
        assert running_environment(tmp_path) == {"SITE_URL": "http://127.0.0.1:1"}
        with pytest.raises(LaunchError, match=r"already running at http://127\.0\.0\.1:1"):
            alone_in(tmp_path).__enter__()
    assert running_environment(tmp_path) is None


def test_pid_file_of_a_stranger_is_stale(tmp_path: Path) -> None:
    """After a crash the number may belong to any process by now, here to this test."""
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    wait_for_earlier(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()


def test_trouble_with_the_database_folder_is_explained() -> None:
    folder = Path("/data/postgres")
    assert explain("FATAL: No space left on device", folder) == (
        "The disk of /data/postgres is full. Make room, then start again."
    )
    assert "made by another version" in explain("incompatible with server", folder)


def test_demo_people_are_held_back_only_with_a_mail_server_of_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("EMAIL_URL", "MAIL_ALLOW_LIST"):
        monkeypatch.delenv(name, raising=False)
    assert "MAIL_ALLOW_LIST" not in local_environment(tmp_path, port=1)
    monkeypatch.setenv("EMAIL_URL", "smtp://mail.example.org")
    held = local_environment(tmp_path, port=1)["MAIL_ALLOW_LIST"]
    assert held == "!@nordwind.example,!@demo.example"
    monkeypatch.setenv("MAIL_ALLOW_LIST", "me@example.org")
    assert local_environment(tmp_path, port=1)["MAIL_ALLOW_LIST"] == "me@example.org"


def test_mailbox_keeps_one_copy_per_recipient_byte_by_byte(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    crew = Crew()
    try:
        found = start_mailbox(crew, tmp_path, local_environment(tmp_path, port=1))
        port = int(found["EMAIL_URL"].rpartition(":")[2])
        mail = b"Subject: Hello\r\nMessage-ID: <1@x>\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n"
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.sendmail("from@x.example", ["one@x.example", "two@x.example"], mail)
    finally:
        crew.stop()
    kept = sorted(message.as_bytes() for message in mailbox.Maildir(found["MAILBOX_DIR"]))
    assert kept == [
        b"X-Envelope-To: %s\n" % name + mail.replace(b"\r\n", b"\n")
        for name in (b"one@x.example", b"two@x.example")
    ]


def test_only_listed_npm_files_are_served() -> None:
    css = finders.find("vendor/bootstrap/bootstrap.min.css")
    assert css == str(ROOT / "node_modules/bootstrap/dist/css/bootstrap.min.css")
    assert finders.find("vendor/bootstrap/../../package.json") is None
    assert finders.find("bootstrap/package.json") is None
    npm = finders.get_finder("upgrade_tracker.finders.NpmFinder")
    assert sorted(name for name, _ in npm.list([])) == [
        "vendor/bootstrap/bootstrap.min.css",
        "vendor/bootstrap/bootstrap.min.css.map",
    ]
    assert npm.check() == []


def test_front_end_files_are_fetched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    before = (assets.FOLDER / ".stamp").stat().st_mtime_ns
    assets.fetch()
    assert (assets.FOLDER / ".stamp").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-local.txt", "requirements-dev.txt"]
)
def test_lock_pins_with_hashes_and_names_no_index(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|file:|--index|--find-links|^#", text, re.MULTILINE)
    pins = re.findall(r"^([a-z0-9-]+)==\S+.*\\\n    --hash=sha256:", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^\S", text, re.MULTILINE)) > 30


def test_locks_agree_with_each_other() -> None:
    """What is tested is what runs in production."""
    pins = [
        set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.txt", "requirements-local.txt", "requirements-dev.txt")
    ]
    assert pins[0] < pins[1] < pins[2]
