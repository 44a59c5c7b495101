"""A Valkey of our own from the wheel. It only rings bells, so nothing of it is kept on disk."""

import time
from collections.abc import Mapping
from pathlib import Path

from upgrade_tracker.launch.errors import LaunchError
from upgrade_tracker.launch.keys import write_private
from upgrade_tracker.launch.places import valkey_program
from upgrade_tracker.launch.ports import HOST, answers, free_port
from upgrade_tracker.launch.processes import Child, Crew

START_SECONDS = 20


def start(crew: Crew, *, password: str, environment: Mapping[str, str], log: Path) -> str:
    """Starts within `crew` and returns the REDIS_URL."""
    for _ in range(3):
        port = free_port()
        child = crew.start(_child(port, password, environment, log))
        deadline = time.monotonic() + START_SECONDS
        while child.is_running() and time.monotonic() < deadline:
            if answers(port):
                return f"redis://:{password}@{HOST}:{port}/0"
            time.sleep(0.02)
        child.ask_to_stop()
        child.wait_stopped()
        crew.children.remove(child)
    raise LaunchError(f"Valkey does not start; see {log}.\n{child.last_lines()}")


def _child(port: int, password: str, environment: Mapping[str, str], log: Path) -> Child:
    """Its settings come from a file, for every account may read a command line."""
    settings = {
        "bind": HOST,
        "port": str(port),
        "requirepass": password,
        "save": '""',
        "appendonly": "no",
    }
    file = log.parent.parent / "valkey.conf"
    write_private(file, "".join(f"{name} {value}\n" for name, value in settings.items()))
    return Child(
        name="Valkey",
        command=[str(valkey_program()), str(file)],
        environment=environment,
        log=log,
    )
