"""The signed return path, and what is read from mails that come back."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from communications.bounces import return_path
from communications.bounces.reading import mails_in
from communications.bounces.report import Report, read
from tests.communications.bounces.reports import report

BASE = "bounces@upgrade.example.org"
ID = UUID("8b5f6a3e-0000-4000-8000-123456789abc")


@given(st.uuids())
def test_a_return_path_leads_back_to_its_mail_in_any_case(message_id: UUID) -> None:
    path = return_path.address(BASE, message_id)
    assert (return_path.read(path), return_path.read(f"<{path.upper()}>")) == (message_id,) * 2
    assert len(path.partition("@")[0]) <= 64


@given(st.uuids(), st.integers(0, 41), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_an_altered_return_path_is_nobodys(message_id: UUID, place: int, letter: str) -> None:
    path = return_path.address(BASE, message_id)
    start = path.index("+") + 1 + place
    altered = path[:start] + letter + path[start + 1 :]
    assert return_path.read(altered) == (message_id if altered == path else None)


@given(st.text())
def test_any_other_address_is_nobodys(text: str) -> None:
    assert return_path.read(text) is None


@override_settings(LINK_KEYS=["a-key" * 10])
def test_what_was_mailed_long_ago_still_leads_back() -> None:
    path = "bounces+rnpwupqaabaabaaaci2fm6e2xrwjemwlsrgwm3k47q@example.org"
    assert (return_path.address("bounces@example.org", ID), return_path.read(path)) == (path, ID)


def test_paths_outlive_a_new_key_and_die_with_the_old_one() -> None:
    with override_settings(LINK_KEYS=["old"]):
        path = return_path.address(BASE, ID)
    with override_settings(LINK_KEYS=["new", "old"]):
        assert return_path.read(path) == ID
    with override_settings(LINK_KEYS=["new"]):
        assert return_path.read(path) is None


def test_a_report_is_about_the_mail_its_return_path_names() -> None:
    raw = report(to=return_path.address(BASE, ID))
    assert read(raw) == Report(ID, "hard", "5.1.1 550 5.1.1 User unknown")


def test_the_envelope_comes_before_the_headers_and_those_before_the_returned_mail() -> None:
    other = uuid4()
    raw = report(to=return_path.address(BASE, other), message_id=uuid4())
    assert read(raw, [return_path.address(BASE, ID)]).message_id == ID
    assert read(raw).message_id == other
    assert read(report(message_id=ID)).message_id == ID


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        ("5.1.1", "550 no such user", "hard"),
        ("5.1.10", "recipient not found", "hard"),
        ("5.4.4", "host not found", "hard"),
        ("5.2.2", "552 mailbox full", "soft"),
        ("5.2.3", "message too long", "soft"),
        ("5.3.4", "message too big", "soft"),
        ("5.7.1", "554 blocked as spam", "soft"),
        ("4.4.7", "delivery time expired", "soft"),
        ("", "550 unknown", "hard"),
        ("", "451 later", "soft"),
        ("nonsense", "nonsense", "soft"),
    ],
)
def test_what_is_final_about_an_address(status: str, text: str, kind: str) -> None:
    assert read(report(message_id=ID, status=status, text=text)).kind == kind


def test_what_says_nothing_about_an_address_is_no_report() -> None:
    delayed = report(message_id=ID, action="delayed", status="4.4.1")
    answer = b"From: ana@example.org\nTo: %s\nSubject: Away\n\nBack on Monday.\n"
    away = answer % return_path.address(BASE, ID).encode()
    foreign = report()
    assert [read(raw) for raw in (delayed, away, foreign, b"", b"\0\xff" * 100)] == [None] * 5


@given(st.binary(max_size=2000))
def test_garbage_is_no_report_and_no_error(raw: bytes) -> None:
    assert read(raw) is None


@given(st.binary(max_size=300), st.integers(0, 900))
def test_a_damaged_report_is_a_report_or_none(noise: bytes, place: int) -> None:
    raw = report(message_id=ID)
    found = read(raw[:place] + noise + raw[place:])
    assert found is None or found.message_id == ID


def test_control_characters_do_not_get_into_the_text() -> None:
    found = read(report(message_id=ID, text="550 a\x1b[31m\x07 b" + "x" * 900))
    assert (found.text[:16], len(found.text)) == ("5.1.1 550 a[31m ", 500)


def test_mails_are_found_in_files_and_folders(tmp_path: Path) -> None:
    one, two = report(message_id=ID), report(message_id=uuid4())
    (tmp_path / "maildir" / "new").mkdir(parents=True)
    (tmp_path / "maildir" / "cur").mkdir()
    (tmp_path / "maildir" / "new" / "1").write_bytes(one)
    (tmp_path / "maildir" / "cur" / "2:2,S").write_bytes(two)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.eml").write_bytes(one)
    (tmp_path / "box").write_bytes(b"From x\n" + one + b"\nFrom y\n" + two)
    (tmp_path / "single.eml").write_bytes(two)
    assert {
        name: [read(raw) for raw in mails_in(tmp_path / name)]
        for name in ("maildir", "folder", "box", "single.eml")
    } == {
        "maildir": [read(two), read(one)],
        "folder": [read(one)],
        "box": [read(one), read(two)],
        "single.eml": [read(two)],
    }
