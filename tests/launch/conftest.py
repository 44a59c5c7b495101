"""A started instance is slow and global to its folder; everything here works in its own folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 90


class Launched:
    """One `python -m upgrade_tracker.launch …` as a process of its own, in a folder of its own."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        folder.mkdir(exist_ok=True)
        self.output = folder.parent / f"terminal-{'-'.join(arguments)[:20]}.txt"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "upgrade_tracker.launch", *arguments],
                cwd=ROOT,
                env={**bare_environment(folder), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def wait_for(self, words: str, seconds: float = 150) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            text = self.output.read_text()
            if words in text:
                return text
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"{words!r} did not appear in:\n{self.output.read_text()}")

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


def bare_environment(folder: Path) -> dict[str, str]:
    """What a fresh terminal has, and the data folder."""
    names = ("HOME", "PATH", "LANG", "TMPDIR")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "UPGRADE_TRACKER_VAR": str(folder)}


def processes_of(folder: Path) -> list[str]:
    """Command lines of all processes started for this data folder.

    Ours have it in their environment; PostgreSQL's many work inside it.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            environment = (entry / "environ").read_bytes()
            inside = (entry / "cwd").readlink().is_relative_to(folder)
        except OSError:
            continue
        ours = f"UPGRADE_TRACKER_VAR={folder}\0".encode() in environment
        if command and (ours or inside or str(folder) in command):
            found.append(command)
    return found


def wait_until_none(folder: Path, seconds: float = 60) -> list[str]:
    """What is still there when the patience ends; an empty list is what we want."""
    deadline = time.monotonic() + seconds
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder below one that is closed to other accounts, as a home folder is."""
    tmp_path.chmod(0o700)
    return tmp_path / "data"


@pytest.fixture
def launch(folder: Path) -> Iterator[Callable[..., Launched]]:
    started: list[Launched] = []

    def start(*arguments: str, **environment: str) -> Launched:
        launched = Launched(folder, *arguments, **environment)
        started.append(launched)
        return launched

    yield start
    for launched in started:
        if launched.process.poll() is None:
            launched.stop(signal.SIGTERM)
