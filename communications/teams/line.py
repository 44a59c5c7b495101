"""One post to a Workflow: what is known of it afterwards is told by three different endings.

No redirect is followed, no proxy or password of the environment is used, the answer's text is not
kept: it may repeat the address, which is a secret.
"""

import re
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from communications.teams.address import is_known_host, reachable_at

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
# From the connection to the end of the answer's head, however slowly it drips.
CALL_SECONDS = 15.0
MOST_BYTES = 64 * 1024
_CODE = re.compile(rb'"code"\s*:\s*"([A-Za-z]{3,40})"')


class NotReached(Exception):
    """Nothing was sent: there was no connection."""


class Unanswered(Exception):
    """The post was sent, or begun, and nobody knows what became of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``word`` is the Workflow's own name of a fault. ``wait`` is in seconds, None where unsaid."""

    status: int
    word: str = ""
    wait: float | None = None


def post(url: str, body: bytes) -> Answer:
    """Post JSON. Raises NotReached before anything was sent, Unanswered after that."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", _Door())
        session.mount("http://", _Door())
        try:
            response = session.post(
                url,
                data=body,
                headers={"Content-Type": "application/json", "Connection": "close"},
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            )
        except NotReached:
            raise
        except (InvalidURL, InvalidSchema, MissingSchema) as error:
            raise NotReached(type(error).__name__) from None
        except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as error:
            # Without the error itself: its text holds the address.
            raise Unanswered(type(error).__name__) from None
        with response:
            wait = _wait(response.headers)
            return Answer(response.status_code, "" if response.ok else _word(response), wait)


class _Refused(OSError):
    """We do not connect there."""


class _Connecting:
    """Connects to the address that was looked at, and cuts off an answer that never ends."""

    host: str
    port: int
    timeout: Any
    sock: Any
    _watch: threading.Timer | None = None

    def _new_conn(self) -> socket.socket:
        if not is_known_host(self.host):
            raise _Refused("not a host of Workflows")
        address = reachable_at(self.host, self.port)
        if address is None:
            raise _Refused("the name leads to a private address")
        line = socket.create_connection((address, self.port), self.timeout)
        self._cut_in(CALL_SECONDS)
        return line

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]
        except (OSError, HTTPError, HTTPException, ValueError) as error:
            raise NotReached(_plain(error)) from None

    def _cut_in(self, seconds: float) -> None:
        self._watch = threading.Timer(seconds, self._cut)
        self._watch.daemon = True
        self._watch.start()

    def _cut(self) -> None:
        """From another thread: whoever reads from the line sees its end."""
        try:
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
        except (OSError, TypeError):  # in the middle of the handshake it is nobody's
            self._cut_in(1.0)

    def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().close()  # type: ignore[misc]


class _Plain(_Connecting, HTTPConnection):
    pass


class _Tls(_Connecting, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class _Door(HTTPAdapter):
    """Tries once; what to do after a failure is in the row."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


def _plain(error: Exception) -> str:
    """The kind of trouble. Only of our own sentences it is known that they hold no address."""
    return str(error) if isinstance(error, _Refused) else type(error).__name__


def _wait(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds, between one second and an hour. A date counts as unsaid."""
    said = headers.get("Retry-After", "").strip()
    return min(max(float(said), 1.0), 3600.0) if said.isascii() and said.isdigit() else None


def _word(response: requests.Response) -> str:
    """The fault's name in the first bytes of the answer; empty where there is none in time."""
    read, until = b"", time.monotonic() + READ_SECONDS
    try:
        while len(read) < MOST_BYTES and time.monotonic() < until and not _CODE.search(read):
            piece = response.raw.read1(4096)
            if not piece:
                break
            read += piece
    except (HTTPError, HTTPException, OSError, ValueError):
        return ""
    found = _CODE.search(read)
    return found[1].decode() if found else ""
