"""Opens connections on threads of their own, so that a slow greeting stops none that are open.

The threads touch the network only; what they bring is taken by the thread that asked.
"""

import contextlib
import socket
import threading
from collections import deque

from communications.mailer.server import ConnectionTrouble, Refused, Server
from communications.mailer.signin import SignedIn, sign_in

Found = SignedIn | Refused | ConnectionTrouble


class Opener:
    """``fileno`` becomes readable when something can be taken."""

    def __init__(self) -> None:
        self.pending = 0
        self._found: deque[Found] = deque()
        self._lock = threading.Lock()
        self._is_closed = False
        self._bell, self._button = socket.socketpair()
        self._bell.settimeout(0)

    def fileno(self) -> int:
        return self._bell.fileno()

    def start(self, server: Server) -> None:
        self.pending += 1
        threading.Thread(target=self._open, args=[server], daemon=True).start()

    def take(self) -> list[Found]:
        """What has come since; connections, refusals and troubles."""
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)
        with self._lock:
            found = list(self._found)
            self._found.clear()
        self.pending -= len(found)
        return found

    def close(self) -> None:
        """What comes later is hung up at once."""
        with self._lock:
            self._is_closed = True
            found = list(self._found)
            self._found.clear()
            self._bell.close()
            self._button.close()
        for one in found:
            _hang_up(one)

    def _open(self, server: Server) -> None:
        try:
            found: Found = sign_in(server)
        except (Refused, ConnectionTrouble) as error:
            found = error
        with self._lock:
            if not self._is_closed:
                self._found.append(found)
                self._button.send(b"!")
                return
        _hang_up(found)


def _hang_up(found: Found) -> None:
    if isinstance(found, SignedIn):
        with contextlib.suppress(OSError):
            found.sock.close()
