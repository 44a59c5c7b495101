"""An XLSX file: read by a process of its own that may take little memory and little time.

What a workbook unpacks to is known only when it is too late: a few kilobytes can hold gigabytes.
``sheet.py`` looks at it before it reads it, and the kernel ends it if it was fooled.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NoReturn, cast

from django.utils.translation import gettext as _

from cohorts.exceptions import RosterError
from cohorts.tables.hashing import HashingStream, Source

READER = Path(__file__).with_name("sheet.py")
MOST_BYTES = 64 * 1024 * 1024


class WorkbookTable:
    """The first visible sheet; ``line`` is the row's number there. Raises RosterError."""

    def __init__(self, stream: Source) -> None:
        hashing = HashingStream(stream)
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the rows are read
        shutil.copyfileobj(_Limited(hashing), file)
        self.sha256 = hashing.digest.hexdigest()
        file.seek(0)
        self._rows = _rows(file)
        _line, header = next(self._rows, (0, []))
        if not header:
            raise RosterError(_("The first sheet is empty. Its first row must name the columns."))
        self.header = header

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return self._rows


class _Limited:
    """A file beyond the limit is not even copied."""

    def __init__(self, stream: HashingStream) -> None:
        self._stream = stream
        self._taken = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size) or b""
        self._taken += len(data)
        if self._taken > MOST_BYTES:
            raise RosterError(
                _("This workbook is larger than 64 MiB. Save it as “CSV UTF-8” and try again.")
            )
        return data


def _rows(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """The rows as the process writes them; it ends with the iteration, finished or not."""
    reader = subprocess.Popen(  # noqa: S603 - our own script; the file is its input
        [sys.executable, "-I", str(READER)],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
    )
    with file, reader as process:
        try:
            for text in cast("IO[bytes]", process.stdout):
                found = json.loads(text) if text.endswith(b"\n") else _cut_short()
                if isinstance(found, dict):
                    _refuse(found)
                yield found[0], found[1]
            if process.wait():
                _cut_short()
        finally:
            process.kill()


def _cut_short() -> NoReturn:
    raise RosterError(
        _("This workbook takes too much memory or time to read. Save it as “CSV UTF-8”.")
    )


def _refuse(found: dict[str, str]) -> NoReturn:
    sentences = {
        "format": _("This is not an Excel workbook (.xlsx). Save it as .xlsx or “CSV UTF-8”."),
        "size": _("This workbook unpacks to far more than a roster holds, so it was not opened."),
        "entities": _("This workbook declares entities of its own, so it was not opened."),
        "columns": _("The first sheet has more than 500 columns. Keep those you need."),
        "formula": _(
            "Cell %(cell)s holds a formula without a result. Open the file in Excel, save it and"
            " try again."
        ),
        "error": _("Cell %(cell)s shows an error (%(text)s). Correct it and try again."),
    }
    raise RosterError(sentences[found["why"]] % found)
