"""One socket to a mail server: writes bytes, waits for replies, notices what was not asked for."""

import contextlib
import socket
import ssl
import time
from collections.abc import Callable

from communications.mailer.reply import Garbled, Reply, ReplyReader

# How long one wait lasts before the caller's `patience` is asked; it may raise to give up.
SLICE_SECONDS = 1.0


class ConnectionTrouble(Exception):
    """The conversation broke off: no network, no answer in time, or no SMTP."""


class GivenUp(ConnectionTrouble):
    """We ended it ourselves while waiting: the process is asked to stop."""


class Wire:
    """Speaks after the greeting, TLS and sign-in are done. Any trouble closes it.

    ``patience`` is called about once a second of waiting; it may raise GivenUp.
    """

    def __init__(self, sock: socket.socket, timeout: float, patience: Callable[[], None]) -> None:
        self._sock = sock
        self._reader = ReplyReader()
        self._timeout = timeout
        self._patience = patience

    def send(self, data: bytes) -> None:
        try:
            self._sock.settimeout(self._timeout)
            self._sock.sendall(data)
        except OSError as error:
            raise self._trouble(error) from error

    def reply(self, timeout: float) -> Reply:
        """The next reply, or ConnectionTrouble after ``timeout`` seconds without a whole one."""
        end = time.monotonic() + timeout
        try:
            while (reply := self._reader.next()) is None:
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"no answer within {timeout:.0f} s")
                self._receive(min(SLICE_SECONDS, left))
        except (OSError, Garbled) as error:
            raise self._trouble(error) from error
        return reply

    def early_reply(self) -> Reply | None:
        """What the server said unasked: it must not be taken for the answer to the next line."""
        try:
            self._sock.settimeout(0)
            with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
                self._take()
            reply = self._reader.next()
            if reply is None and not self._reader.is_empty:
                raise Garbled("half a reply nobody asked for")
        except (OSError, Garbled) as error:
            raise self._trouble(error) from error
        return reply

    def close(self) -> None:
        """At once and without a word: a body without its dot is taken back only this way."""
        with contextlib.suppress(OSError):
            self._sock.close()

    def _receive(self, seconds: float) -> None:
        self._sock.settimeout(seconds)
        try:
            self._take()
        except TimeoutError:
            self._patience()

    def _take(self) -> None:
        data = self._sock.recv(4096)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        self._reader.feed(data)

    def _trouble(self, error: Exception) -> ConnectionTrouble:
        self.close()
        return ConnectionTrouble(str(error) or type(error).__name__)
