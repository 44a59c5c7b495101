"""The product as somebody starts it: every process of `start.py`, in a data folder of its own."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.launch.conftest import ROOT, Launched
from tests.listener import Listener
from upgrade_tracker.launch.instance import read_note
from upgrade_tracker.launch.ports import free_port

READY_SECONDS = 180


class Site:
    """``url`` without a slash at its end; ``mailbox`` is what the mail server has taken."""

    def __init__(self, folder: Path, port: int, terminal: str) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.terminal = terminal
        self.mailbox = Listener(0, folder / "mailbox")

    @property
    def first_admin_path(self) -> str:
        found = re.search(r"(/accounts/first-admin/\S+)", self.terminal)
        assert found, self.terminal
        return found[1]

    def run(self, *command: str) -> str:
        """Standard output of a Python program that sees what the site's processes see."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **read_note(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run_json(self, *command: str) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.run(*command))
        return found

    def log(self, name: str) -> str:
        return (self.folder / "log" / f"{name}.log").read_text()


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    port = free_port()
    launched = Launched(folder, "run", "--empty", "--port", str(port))
    try:
        terminal = launched.wait_for("Stop with Ctrl-C", READY_SECONDS)
        yield Site(folder, port, terminal)
    finally:
        if launched.process.poll() is None:
            launched.stop(signal.SIGTERM)
