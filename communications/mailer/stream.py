"""One socket to a mail server that never waits: bytes out as they fit, bytes in as they come."""

import contextlib
import socket
import ssl

from communications.mailer.server import ConnectionTrouble

CHUNK = 16384
BUSY = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Stream:
    """Any trouble closes it."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(0)
        self._sock = sock
        # A TLS layer may hold more than the socket shows to a poll.
        self._tls = sock if isinstance(sock, ssl.SSLSocket) else None
        self._out = bytearray()
        self._number = sock.fileno()

    def fileno(self) -> int:
        """The same number after it was closed, so that it can still be unregistered."""
        return self._number

    @property
    def is_flushed(self) -> bool:
        return not self._out

    def put(self, data: bytes) -> None:
        """Send what fits now and keep the rest."""
        sent = 0
        if not self._out:
            try:
                sent = self._sock.send(data)
            except BUSY:
                pass
            except OSError as error:
                raise self.trouble(error) from error
        if sent < len(data):
            self._out += data[sent:]

    def flush(self) -> bool:
        """Send more of what is kept; True where some of it left."""
        before = len(self._out)
        try:
            while self._out:
                del self._out[: self._sock.send(self._out)]
        except BUSY:
            pass
        except OSError as error:
            raise self.trouble(error) from error
        return len(self._out) < before

    def take(self) -> bytes:
        """What has come; empty where nothing has. The end of the stream is trouble."""
        data = b""
        try:
            data = self._sock.recv(CHUNK)
            if not data:
                raise ConnectionResetError("the server closed the connection")
            while self._tls and self._tls.pending():
                data += self._tls.recv(CHUNK)
        except BUSY:
            pass
        except OSError as error:
            raise self.trouble(error) from error
        return data

    def close(self) -> None:
        """At once and without a word: a body without its dot is taken back only this way."""
        with contextlib.suppress(OSError):
            self._sock.close()

    def trouble(self, error: Exception) -> ConnectionTrouble:
        self.close()
        return ConnectionTrouble(str(error) or type(error).__name__)
