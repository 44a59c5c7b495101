from collections.abc import Iterator
from typing import Any

import pytest

from tests.communications.sink import Sink


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A mail server that this process's workers talk to."""
    with Sink() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server
