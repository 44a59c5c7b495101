"""A stream that passes bytes on and keeps their SHA-256, so that the record can name the file."""

import hashlib
import io
from typing import Any, Protocol


class Source(Protocol):
    """What hands out bytes: a file, an upload, the rows of an upload in the database."""

    def read(self, size: int, /) -> bytes: ...


class HashingStream(io.RawIOBase):
    """``digest`` holds the hash of what was read so far."""

    def __init__(self, stream: Source) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self.digest.update(data)
        return len(data)
