"""Ends a PostgreSQL as `pg_ctl stop -m immediate` does and starts it again with the same folder.

Only a server that was made for it: whoever calls says in which folder its data must lie.
"""

import os
import signal
import time
from pathlib import Path
from typing import Any

import psycopg2

from upgrade_tracker.launch.environment import bare_environment
from upgrade_tracker.launch.places import postgres_program
from upgrade_tracker.launch.postgres import UNPRIVILEGED, open_to_others
from upgrade_tracker.launch.processes import Child

AWAY_SECONDS = 0.2
PATIENCE_SECONDS = 60.0
# The servers that were started here; nobody else may end them.
_started: dict[int, Child] = {}


def postmaster(**how: Any) -> int:
    """The process id of the server that psycopg2 reaches with ``how``."""
    connection = psycopg2.connect(**how)
    try:
        backend = Path(f"/proc/{connection.info.backend_pid}/stat").read_text()
    finally:
        connection.close()
    return int(backend.rpartition(")")[2].split()[1])


def stop_immediately_and_start(*, own: Path, **how: Any) -> None:
    """Everybody is thrown out, nothing is written down; it recovers from its log as it comes back.

    ``how`` reaches it. Raises SystemExit for a server whose data does not lie below ``own``.
    """
    pid = postmaster(**how)
    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
    folder = Path(command[command.index("-D") + 1])
    if own not in folder.parents:
        raise SystemExit("This database is nobody's to stop. Take DATABASE_URL away.")
    os.kill(pid, signal.SIGQUIT)
    _wait_for_end(pid)
    time.sleep(AWAY_SECONDS)
    _start(command, folder, **how)


def stop_started() -> None:
    """Whatever was started here and still runs."""
    while _started:
        _pid, child = _started.popitem()
        child.ask_to_stop()
        child.wait_stopped()


def _wait_for_end(pid: int) -> None:
    child = _started.pop(pid, None)
    if child is not None:
        child.wait_stopped(PATIENCE_SECONDS)
    while _is_alive(pid):
        time.sleep(0.01)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _start(command: list[str], folder: Path, **how: Any) -> None:
    command[0] = str(postgres_program("postgres"))
    child = Child(
        name="PostgreSQL",
        command=command,
        environment=bare_environment(),
        log=folder.parent / "restarted.log",
        account=_account(folder),
        stop_signal=signal.SIGQUIT,
        orphan_signal=signal.SIGQUIT,
    )
    child.start()
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            _started[postmaster(**how)] = child
        except (psycopg2.OperationalError, OSError):
            if time.monotonic() > end or not child.is_running():
                raise
            time.sleep(0.02)
        else:
            return


def _account(folder: Path) -> str:
    """PostgreSQL refuses root; see `launch.postgres`."""
    if os.geteuid() != 0:
        return "-"
    needed = (postgres_program("postgres"), folder.parent)
    return UNPRIVILEGED if all(open_to_others(path) for path in needed) else UNPRIVILEGED + "+"
