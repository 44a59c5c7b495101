from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.processes import Mailserver


@pytest.fixture(params=[True, False], ids=["pipelining", "plain"])
def mailserver(
    tmp_path: Path, settings: Any, request: pytest.FixtureRequest
) -> Iterator[Mailserver]:
    """A mail server in a process of its own, with a log that outlives every worker."""
    settings.DEVELOPMENT = True
    with Mailserver(tmp_path, has_pipelining=request.param) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server
