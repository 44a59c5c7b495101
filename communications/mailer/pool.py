"""The connections of one worker, watched by readiness: whoever has something to say is heard.

A slow one delays nobody. Knows nothing of rows.
"""

import select
import time
from collections.abc import Iterable, Sequence

from communications.mailer.line import Event, Letter, Line
from communications.mailer.opener import Opener
from communications.mailer.server import ConnectionTrouble, Refused, Server
from communications.mailer.signin import SignedIn

News = Event | Refused | ConnectionTrouble


class Pool:
    """At most ``size`` connections, those that are just being opened included."""

    def __init__(self, server: Server, size: int) -> None:
        self.size = size
        self._server = server
        self._lines: dict[int, Line] = {}  # by the number of its file
        self._writing: set[Line] = set()
        self._opener = Opener()
        self._poll = select.poll()
        self._poll.register(self._opener, select.POLLIN)

    def __len__(self) -> int:
        return len(self._lines) + self._opener.pending

    @property
    def lines(self) -> Sequence[Line]:
        return list(self._lines.values())

    @property
    def opening(self) -> int:
        return self._opener.pending

    def at_dot(self) -> list[Line]:
        return [line for line in self._lines.values() if line.is_at_dot]

    def idle(self) -> list[Line]:
        return [line for line in self._lines.values() if line.is_idle]

    def open_one(self) -> None:
        self._opener.start(self._server)

    def listen(self, seconds: float) -> list[News]:
        """What connections say within ``seconds``, and what became of those being opened."""
        return self._news(self._poll.poll(seconds * 1000))

    def listen_beside(self, number: int) -> list[News]:
        """The same until there is something to read on the file ``number``, a database's."""
        news: list[News] = []
        self._poll.register(number, select.POLLIN)
        try:
            while True:
                ready = self._poll.poll()
                news += self._news(ready)
                if any(file == number for file, _event in ready):
                    return news
        finally:
            self._poll.unregister(number)

    def start(self, line: Line, letter: Letter) -> list[Event]:
        events = line.start(letter, time.monotonic())
        self._watch(line)
        return events

    def dot(self, line: Line, then: Letter | None) -> list[Event]:
        """Hand over what is at its dot there; offer the next one with it."""
        events = line.dot(then, time.monotonic())
        self._watch(line)
        return events

    def expired(self, now: float) -> list[Event]:
        """End the conversations whose server has been silent for too long."""
        late = [line for line in self.lines if line.deadline <= now]
        return [event for line in late for event in self.expire(line)]

    def expire(self, line: Line) -> list[Event]:
        """Wait no longer."""
        events = line.expire()
        self._forget([line])
        return events

    def abandon(self, line: Line) -> None:
        line.abandon()
        self._forget([line])

    def hang_up(self, lines: Iterable[Line]) -> None:
        gone = list(lines)
        for line in gone:
            line.say_goodbye()
        self._forget(gone)

    def close(self) -> None:
        """Every connection, with a word of goodbye where nothing is in hand."""
        for line in self.lines:
            if line.is_idle:
                line.say_goodbye()
            self.abandon(line)
        self._opener.close()

    def _news(self, ready: Iterable[tuple[int, int]]) -> list[News]:
        news: list[News] = []
        now = time.monotonic()
        for file, _event in ready:
            line = self._lines.get(file)
            if line is not None:
                news += line.on_ready(now)
                self._watch(line)
            elif file == self._opener.fileno():
                news += self._welcome()
        return news

    def _welcome(self) -> list[News]:
        news: list[News] = []
        for found in self._opener.take():
            if isinstance(found, SignedIn):
                line = Line(found, self._server.timeout)
                self._lines[line.fileno()] = line
                self._poll.register(line, select.POLLIN)
            else:
                news.append(found)
        return news

    def _watch(self, line: Line) -> None:
        if not line.is_open:
            self._forget([line])
        elif line.wants_to_write != (line in self._writing):
            wanted = select.POLLIN
            if line.wants_to_write:
                wanted |= select.POLLOUT
                self._writing.add(line)
            else:
                self._writing.discard(line)
            self._poll.modify(line, wanted)

    def _forget(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if self._lines.get(line.fileno()) is line:
                del self._lines[line.fileno()]
                self._writing.discard(line)
                self._poll.unregister(line)
