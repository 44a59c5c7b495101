"""What an SMTP server answers: bytes in, replies out, with limits on what it may make us read."""

import re
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
        self._bytes = bytearray()
        self._lines: list[str] = []

    @property
    def is_empty(self) -> bool:
        return not self._bytes and not self._lines

    def feed(self, data: bytes) -> None:
        self._bytes += data

    def next(self) -> Reply | None:
        """The next whole reply, None where more bytes are needed. Raises Garbled."""
        while (end := self._bytes.find(b"\n")) >= 0:
            line = bytes(self._bytes[:end]).rstrip(b"\r")
            del self._bytes[: end + 1]
            code, is_last, text = _read(line)
            if not code or len(self._lines) >= MAX_LINES:
                raise Garbled(_text(line))
            self._lines.append(text)
            if is_last:
                text = " ".join(self._lines)
                self._lines.clear()
                return Reply(code, text.strip())
        if len(self._bytes) > MAX_LINE:
            raise Garbled(_text(bytes(self._bytes[:80])))
        return None


@lru_cache(maxsize=256)
def _read(line: bytes) -> tuple[int, bool, str]:
    """Its code, whether it ends the reply, its text; code 0 where it is no line of a reply.

    A server says the same few lines all day.
    """
    match = LINE.match(line)
    if match is None or len(line) > MAX_LINE:
        return 0, True, ""
    return int(match[1]), match[2] != b"-", _text(match[3] or b"")


def _text(line: bytes) -> str:
    """Printable, NUL-free and short: it is stored and shown."""
    decoded = line.decode("utf-8", "replace")
    if decoded.isprintable():
        return decoded.strip()[:500]
    return "".join(c if c.isprintable() else " " for c in decoded).strip()[:500]
