"""Bad input to every command: exit 1 (2 for bad usage), one line on standard error, nothing on
standard output, nothing written. What only `create_project` takes is in tests/rollout."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, get_commands, load_command_class

from accounts.models import User
from projects.models import Project
from tests.communications.sink import free_port
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import MessageFactory
from tests.factories.surveys import draft_survey, survey_messages
from tests.hostile.tables import contents
from tests.listener import ROOT

UNREADABLE = ("a\0b", "a\udcffb")
OURS = {
    name: app
    for name, app in get_commands().items()
    if isinstance(app, str) and (ROOT / app / "management").is_dir()
}
# A bad row among good ones.
ROWS = "upn,displayName\nnew@example.org,New\nno address,Bad\n"
FILES: dict[str, bytes] = {
    "empty": b"",
    "blank": b"\n\n\n",
    "no key column": b"name,department\nA,B\n",
    "no utf-8": "upn,displayName\nü@example.org,Jürgen\n".encode("latin-1"),
    "utf-16": ROWS.encode("utf-16"),
    "unclosed quote": b'upn,displayName\na@example.org,"A\n' + b"b@example.org,B\n" * 50,
    "endless field": b"upn,displayName\na@example.org," + b"x" * 200_000 + b"\n",
    "one column twice": b"upn,upn\na@example.org,b@example.org\n",
    "zip": b"PK\x03\x04" + bytes(range(256)) * 8,
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
    "nul in the head": b"u\0pn,displayName\na@example.org,A\n",
}


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def run(name: str, *arguments: str) -> Ended:
    """As `manage.py` would, in this process and on this connection."""
    command, out = load_command_class(OURS[name], name), StringIO()
    command.stdout._out = out
    errors = StringIO()
    command.stderr._out = errors
    command._called_from_command_line = True
    parser = command.create_parser("manage.py", name)
    try:
        options = vars(parser.parse_args(arguments)) | {"skip_checks": True}
        command.execute(*options.pop("args", ()), **options)
    except CommandError as error:
        return Ended(error.returncode, out.getvalue(), f"{errors.getvalue()}{error}")
    except SystemExit as end:
        return Ended(int(str(end.code)), out.getvalue(), "")
    return Ended(0, out.getvalue(), errors.getvalue())


@pytest.fixture
def filled(project: Project, manager: User, tmp_path: Path) -> Project:
    """With a cohort, a person, a message, a survey and a good file to import."""
    cohort = CohortFactory(project=project, name="Wave 1")
    MembershipFactory(cohort=cohort)
    MessageFactory(project=project, key="M1")
    survey_messages(cohort)
    draft_survey(cohort)
    (tmp_path / "people.csv").write_text(ROWS)
    for what, content in FILES.items():
        (tmp_path / what).write_bytes(content)
    (tmp_path / "folder").mkdir()
    return project


def assert_refused(ended: Ended, before: dict[str, str | None]) -> None:
    assert (ended.code, ended.out) == (1, "")
    assert len(ended.err.splitlines()) == 1, ended.err
    assert "\0" not in ended.err
    ended.err.encode()
    assert contents() == before


Arguments = Callable[[str, Path, str], Sequence[str]]
ASKS: dict[str, Arguments] = {
    "import_people": lambda slug, folder, email: (slug, str(folder / "people.csv")),
    "send_message": lambda slug, folder, email: (slug, "M1", "--cohort", "Wave 1", "--as", email),
    "open_survey": lambda slug, folder, email: (
        slug,
        "feedback",
        "--cohort",
        "Wave 1",
        "--as",
        email,
    ),
    "project_report": lambda slug, folder, email: (slug,),
    "export_powershell": lambda slug, folder, email: (
        slug,
        "Wave 1",
        "--out",
        str(folder / "out"),
    ),
    "verify_modes": lambda slug, folder, email: (slug, str(folder / "people.csv")),
    "undo_import": lambda slug, folder, email: (slug,),
    "rehearse": lambda slug, folder, email: (slug, "--as", email),
    "reschedule": lambda slug, folder, email: (
        slug,
        "Wave 1",
        "--to",
        "2050-07-01",
        "--as",
        email,
    ),
}


def test_every_command_is_tried_here() -> None:
    elsewhere = {"create_project", "first_admin_link", "demo", "send_due", "send_switch"}
    elsewhere |= {"read_bounces", "receive_bounces", "recount"}
    assert set(ASKS) | elsewhere == set(OURS)


@pytest.mark.parametrize("name", ASKS)
def test_unknown_project(name: str, filled: Project, manager: User, tmp_path: Path) -> None:
    before = contents()
    for slug in ("missing", "", "../x", *UNREADABLE):
        assert_refused(run(name, *ASKS[name](slug, tmp_path, manager.email), "--json"), before)


BAD_FILES = ["missing.csv", "folder", "x" * 300, *FILES, *UNREADABLE]
NOBODY = ["nobody@example.org", "", "no address", "vera", *UNREADABLE]
NOTHING = ["missing", "", *UNREADABLE]
# Of which command which argument is replaced by each of these.
BAD = [
    ("import_people", 1, BAD_FILES),
    ("verify_modes", 1, BAD_FILES),
    ("send_message", 1, NOTHING),
    ("send_message", 3, NOTHING),
    ("send_message", 5, NOBODY),
    ("open_survey", 1, NOTHING),
    ("open_survey", 3, NOTHING),
    ("open_survey", 5, NOBODY),
    ("export_powershell", 1, NOTHING),
    ("export_powershell", 3, ["people.csv", *UNREADABLE]),
    ("rehearse", 2, NOBODY),
    ("reschedule", 1, NOTHING),
    ("reschedule", 3, ["", "tomorrow", "2050-13-01", *UNREADABLE]),
    ("reschedule", 5, NOBODY),
]


@pytest.mark.parametrize(("name", "place", "bads"), BAD)
def test_bad_argument(
    name: str,
    place: int,
    bads: list[str],
    filled: Project,
    manager: User,
    viewer: User,
    tmp_path: Path,
) -> None:
    there = {path.name: str(path) for path in tmp_path.iterdir()} | {"vera": viewer.email}
    before = contents()
    for bad in bads:
        arguments = [*ASKS[name](filled.slug, tmp_path, manager.email)]
        arguments[place] = there.get(bad, bad)
        assert_refused(run(name, *arguments, "--json"), before)


MORE = [
    ("import_people", ["--cohort", "missing"]),
    ("import_people", ["--cohort", ""]),
    ("import_people", ["--cohort", "a\0b"]),
    ("import_people", ["--as", "nobody@example.org"]),
    ("import_people", ["--as", "a\0b"]),
    ("import_people", ["--strict"]),
    ("export_powershell", ["--method", "missing"]),
    ("export_powershell", ["--method", "a\0b"]),
    ("export_powershell", ["--as", "nobody@example.org"]),
    ("verify_modes", ["--as", "nobody@example.org"]),
]


@pytest.mark.parametrize(("name", "more"), MORE)
def test_bad_option(
    name: str, more: list[str], filled: Project, manager: User, tmp_path: Path
) -> None:
    before = contents()
    arguments = ASKS[name](filled.slug, tmp_path, manager.email)
    assert_refused(run(name, *arguments, *more, "--json"), before)


def test_good_arguments_are_taken(filled: Project, manager: User, tmp_path: Path) -> None:
    """Else the tests above would prove nothing."""
    taken = ("import_people", "send_message", "open_survey", "project_report")
    codes = {
        name: run(name, *ASKS[name](filled.slug, tmp_path, manager.email), "--json").code
        for name in taken
    }
    assert codes == dict.fromkeys(taken, 0)


USAGE = [
    *((name, []) for name in ASKS),
    *((name, ["--no-such"]) for name in OURS),
    ("send_message", ["slug", "M1"]),
    ("open_survey", ["slug", "feedback", "--as", "a@example.org"]),
    ("send_switch", ["maybe"]),
    ("send_due", ["now"]),
    ("send_due", ["--every", "0"]),
    ("send_due", ["--every", "nan"]),
    ("send_due", ["--every", "soon"]),
    ("first_admin_link", ["now"]),
    ("demo", ["now"]),
    ("create_project", []),
]


@pytest.mark.parametrize(("name", "arguments"), USAGE)
def test_bad_usage_is_exit_2(
    name: str, arguments: list[str], db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = run(name, *arguments)
    said = capsys.readouterr()
    assert (ended.code, ended.out, said.out) == (2, "", "")
    assert said.err.splitlines()[-1].startswith(f"manage.py {name}: error: ")


def test_what_is_there_already_is_refused(filled: Project, admin: User) -> None:
    before = contents()
    for name in ("first_admin_link", "demo"):
        assert_refused(run(name, "--json"), before)


@pytest.mark.parametrize("arguments", [["first_admin_link"], ["project_report", "slug"]])
def test_database_that_is_away_is_one_line(arguments: list[str]) -> None:
    """As a process: nothing here may reach the connection of the tests."""
    away = f"postgres://nobody:nothing@127.0.0.1:{free_port()}/nothing"
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": away},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("CommandError: The database does not answer.")
    assert len(done.stderr.splitlines()) == 1
