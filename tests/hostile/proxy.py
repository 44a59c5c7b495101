"""A wire to a server that can be cut, and can go dead without being cut."""

import contextlib
import socket
import threading
from collections.abc import Iterator

HOST = "127.0.0.1"


class Wire:
    """Listens on ``port`` and hands everything on to ``target``."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._open: list[socket.socket] = []
        self._is_dead = False
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]

    def cut(self) -> None:
        """Every connection ends and none is taken: the server has stopped."""
        self._close(self._listener)
        self._end_all()

    def die(self) -> None:
        """Connections are taken but nothing is ever said: the machine hangs."""
        self._end_all()
        self._is_dead = True

    def mend(self) -> None:
        self._is_dead = False
        self._end_all()
        if self._listener.fileno() == -1:
            self._listener = self._listen(self.port)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server((HOST, port), backlog=50)
        threading.Thread(target=self._take, args=[listener], daemon=True).start()
        return listener

    def _take(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _peer = listener.accept()
                self._open.append(near)
                if self._is_dead:
                    continue
                far = socket.create_connection(self._target)
                self._open.append(far)
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        self._close(source)
        self._close(sink)

    def _end_all(self) -> None:
        while self._open:
            self._close(self._open.pop())

    @staticmethod
    def _close(one: socket.socket) -> None:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextlib.contextmanager
def wire_to(host: str, port: int) -> Iterator[Wire]:
    wire = Wire((host, port))
    try:
        yield wire
    finally:
        wire.cut()
