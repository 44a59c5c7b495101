"""Takes mails that came back from a mail server, by LMTP (RFC 2033). Reading them is a service.

One recipient a conversation, because every recipient is answered for itself; a mail server splits
accordingly. What cannot be written down now is refused for now, so the mail server keeps it.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from aiosmtpd.lmtp import LMTP
from django.db import DatabaseError, close_old_connections

log = structlog.get_logger(__name__)

MOST_BYTES = 32 * 1024 * 1024
TAKEN = "250 2.0.0 Taken"
LATER = "451 4.3.0 Not now; try again later"
ONE_AT_A_TIME = "452 4.5.3 One recipient a mail"


class Taker:
    """``read(raw, recipients)`` is called in a thread, once for each mail."""

    def __init__(self, read: Callable[[bytes, Iterable[str]], object]) -> None:
        self._read = read

    async def handle_RCPT(  # noqa: N802 - the names aiosmtpd calls
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if envelope.rcpt_tos:
            return ONE_AT_A_TIME
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        try:
            await asyncio.to_thread(self._take, envelope.content, list(envelope.rcpt_tos))
        except DatabaseError as error:
            log.warning("bounce_not_taken", error=str(error))
            return LATER
        return TAKEN

    def _take(self, raw: bytes, recipients: list[str]) -> None:
        close_old_connections()
        try:
            self._read(raw, recipients)
        finally:
            close_old_connections()


async def listen(
    host: str,
    port: int,
    read: Callable[[bytes, Iterable[str]], object],
    ready: Callable[[int], object],
    stop: asyncio.Event,
) -> None:
    """Serve until ``stop`` is set; ``ready`` gets the port. OSError where it is taken."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: LMTP(Taker(read), data_size_limit=MOST_BYTES, hostname="localhost"), host, port
    )
    async with server:
        ready(server.sockets[0].getsockname()[1])
        await stop.wait()
