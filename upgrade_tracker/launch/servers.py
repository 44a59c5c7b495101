"""The servers an installation needs: the user's own where their addresses are set, else ours."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upgrade_tracker.launch import valkey
from upgrade_tracker.launch.environment import bare_environment
from upgrade_tracker.launch.keys import local_keys
from upgrade_tracker.launch.postgres import Postgres
from upgrade_tracker.launch.processes import Crew

THROW_AWAY_PREFIX = "upgrade-tracker-test-"


def start_servers(crew: Crew, folder: Path, *, throw_away: bool = False) -> dict[str, str]:
    """DATABASE_URL and REDIS_URL, both answering."""
    password = local_keys(folder)["DATABASE_PASSWORD"]
    (folder / "log").mkdir(exist_ok=True)
    database_url = os.environ.get("DATABASE_URL") or Postgres(
        folder=folder / "postgres",
        password=password,
        environment=bare_environment(),
        log=folder / "log" / "postgres.log",
        throw_away=throw_away,
    ).start(crew)
    redis_url = os.environ.get("REDIS_URL") or valkey.start(
        crew,
        password=password,
        environment=bare_environment(),
        log=folder / "log" / "valkey.log",
    )
    return {"DATABASE_URL": database_url, "REDIS_URL": redis_url}


@contextmanager
def throw_away_folder() -> Iterator[Path]:
    """A data folder for one test run. Those of runs that were killed are swept first."""
    parent = Path(tempfile.gettempdir())
    for old in parent.glob(f"{THROW_AWAY_PREFIX}*"):
        if not is_alive(old.name.removeprefix(THROW_AWAY_PREFIX).split("-")[0]):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{THROW_AWAY_PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)  # PostgreSQL enters it as another account when we are root
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True
