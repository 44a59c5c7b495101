"""What an SMTP server answers: bytes in, replies out, with limits on what it may make us read."""

import re
from collections import deque
from functools import lru_cache
from typing import NamedTuple

LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?\Z", re.DOTALL)
MAX_LINE = 2048
MAX_LINES = 100


class Garbled(Exception):
    """The bytes are no SMTP reply; nothing after them can be trusted."""


class Reply(NamedTuple):
    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()


class ReplyReader:
    """Collects bytes; `next()` gives a reply once all its lines are there."""

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque()
        self._half = b""  # a line whose end has not come
        self._texts: list[str] = []  # of a reply whose last line has not come

    @property
    def is_empty(self) -> bool:
        return not (self._lines or self._half or self._texts)

    def feed(self, data: bytes) -> None:
        *lines, self._half = (self._half + data).split(b"\n")
        self._lines += lines

    def next(self) -> Reply | None:
        """The next whole reply, None where more bytes are needed. Raises Garbled."""
        while self._lines:
            line = self._lines.popleft()
            reply, is_last = _read(line)
            if reply is None or len(self._texts) >= MAX_LINES:
                raise Garbled(_text(line))
            if is_last and not self._texts:
                return reply
            self._texts.append(reply.text)
            if is_last:
                text = " ".join(self._texts)
                self._texts.clear()
                return Reply(reply.code, text.strip())
        if len(self._half) > MAX_LINE:
            raise Garbled(_text(self._half[:80]))
        return None


@lru_cache(maxsize=256)
def _read(line: bytes) -> tuple[Reply | None, bool]:
    """What it says, None where it is no line of a reply; and whether it ends the reply.

    A server says the same few lines all day.
    """
    line = line.rstrip(b"\r")
    match = LINE.match(line)
    if match is None or len(line) > MAX_LINE:
        return None, True
    return Reply(int(match[1]), _text(match[3] or b"")), match[2] != b"-"


def _text(line: bytes) -> str:
    """Printable, NUL-free and short: it is stored and shown."""
    decoded = line.decode("utf-8", "replace")
    if not decoded.isprintable():
        decoded = "".join(c if c.isprintable() else " " for c in decoded)
    return decoded.strip()[:500].rstrip()
