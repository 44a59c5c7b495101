from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.database import stop_started
from tests.faults.processes import Mailserver
from upgrade_tracker.launch.environment import bare_environment
from upgrade_tracker.launch.postgres import Postgres
from upgrade_tracker.launch.processes import Crew
from upgrade_tracker.launch.servers import throw_away_folder


@pytest.fixture(params=[True, False], ids=["pipelining", "plain"])
def mailserver(
    tmp_path: Path, settings: Any, request: pytest.FixtureRequest
) -> Iterator[Mailserver]:
    """A mail server in a process of its own, with a log that outlives every worker."""
    settings.DEVELOPMENT = True
    with Mailserver(tmp_path, has_pipelining=request.param) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def server() -> Iterator[tuple[Path, str]]:
    """A PostgreSQL of the test's own, durable: its folder, and the URL of an empty database."""
    crew = Crew()
    with throw_away_folder() as folder:
        try:
            postgres = Postgres(
                folder=folder / "postgres",
                password="crash",
                environment=bare_environment(),
                log=folder / "postgres.log",
            )
            yield folder, postgres.start(crew)
        finally:
            stop_started()
            crew.stop()
