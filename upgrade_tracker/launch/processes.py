"""Children of the launcher: started through the guard, watched, stopped in order."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from upgrade_tracker.launch.errors import LaunchError
from upgrade_tracker.launch.places import PYTHON, ROOT
from upgrade_tracker.launch.say import say

GUARD = str(Path(__file__).with_name("guard.py"))
RESTARTS = 3


@dataclass(kw_only=True)
class Child:
    """One program. `patience` is in seconds, from the polite signal to SIGKILL."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path | None = None
    account: str = "-"
    stop_signal: signal.Signals = signal.SIGTERM
    # What the kernel sends when the launcher is gone; nothing may be left after that.
    orphan_signal: signal.Signals = signal.SIGKILL
    patience: float = 12.0
    own_session: bool = True
    restarts: int = 0
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        output = self.log.open("ab") if self.log else None
        try:
            self.process = subprocess.Popen(
                guarded(self.command, self.account, self.orphan_signal),
                cwd=ROOT if self.own_session else None,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL if self.own_session else None,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                # Ctrl-C reaches the launcher alone, which then stops its children in order.
                start_new_session=self.own_session,
            )
        finally:
            if output:
                output.close()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def wait_stopped(self, patience: float | None = None) -> None:
        """Waits for the end; after `patience` seconds the whole group is killed."""
        if self.process is None:
            return
        try:
            self.process.wait(self.patience if patience is None else patience)
        except subprocess.TimeoutExpired:
            if self.own_session:
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
            self.process.wait()

    def last_lines(self, count: int = 15) -> str:
        if not self.log or not self.log.is_file():
            return ""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"  | {line}" for line in lines[-count:])


def guarded(
    command: Sequence[str],
    account: str = "-",
    orphan_signal: signal.Signals = signal.SIGKILL,
) -> list[str]:
    head = [PYTHON, "-I", "-S", GUARD, str(os.getpid()), str(int(orphan_signal)), account, "--"]
    return [*head, *command]


class Crew:
    """The running children in the order they were started; stops them in the reverse order."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def start(self, child: Child) -> Child:
        if child.log:
            child.log.write_bytes(b"")
        self.children.append(child)
        child.start()
        return child

    def watch(self, seconds: float = 0.5) -> None:
        """Until interrupted: starts again what has ended, and gives up after a few times."""
        while True:
            time.sleep(seconds)
            for child in self.children:
                if not child.is_running():
                    self._start_again(child)

    def _start_again(self, child: Child) -> None:
        code = child.process.returncode if child.process else None
        if child.restarts >= RESTARTS:
            raise LaunchError(
                f"{child.name} has ended {RESTARTS + 1} times (last code {code}); "
                f"see {child.log}.\n{child.last_lines()}"
            )
        child.restarts += 1
        say(f"{child.name} has ended (code {code}); starting it again.")
        child.start()

    def stop(self) -> None:
        """Everything in reverse order; neighbours that depend on nothing of each other at once."""
        while self.children:
            last = self.children[-1]
            batch = [last]
            if not is_server(last):
                batch = [child for child in self.children if not is_server(child)]
            for child in batch:
                child.ask_to_stop()
            for child in batch:
                child.wait_stopped()
                self.children.remove(child)


def is_server(child: Child) -> bool:
    return child.name in {"PostgreSQL", "Valkey"}
