"""From a stream of bytes to rows with the numbers of their lines.

Refuses a file as a whole where going on would be guessing: another encoding, no key column, a
quotation mark that swallows what follows. Holds one row in memory at a time.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any, BinaryIO, NoReturn

from django.utils.translation import gettext as _

from cohorts.exceptions import RosterError
from cohorts.roster.columns import KEY_FIELDS, NAMES, Names, found_columns, repeated_columns

DELIMITERS = ",;\t"
LONGEST_LINE = 4 * 1024 * 1024  # 1,000 full columns; what is longer is not a table
MOST_LINES_A_ROW = 20
# Bytes that are not UTF-8 arrive as these, so that the line they stand in can be named.
find_broken = re.compile("[\udc80-\udcff]").search
TYPE_LINE = "#TYPE "  # the first line of exports of older shells, before the header
SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?\s*\Z', re.IGNORECASE)  # Excel's own first line


class RosterReader:
    """Iterates over ``(line, cells)``; blank rows are left out, the header is not a row.

    ``columns`` maps our fields to positions in ``header``. Raises RosterError on construction or
    while iterating; ``sha256`` holds once everything is read. Files of another shape have their
    own ``names`` and say what is ``missing``.
    """

    names: Names = NAMES

    def __init__(self, stream: BinaryIO) -> None:
        self._hashing = _HashingStream(stream)
        self._buffer = io.BufferedReader(self._hashing, 64 * 1024)
        self._read_lines = 0
        self._row_line = 0  # the last line of the row before
        _refuse_other_formats(self._buffer.peek(4)[:4])
        text = io.TextIOWrapper(
            self._buffer, encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
        self._rows = self._open(self._lines(text))
        self.columns = found_columns(self.header, self.names)
        self._refuse_header()

    @property
    def sha256(self) -> str:
        return self._hashing.digest.hexdigest()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        width = len(self.header)
        for cells in self._guarded():
            line, self._row_line = self._row_line + 1, self._read_lines
            if self._row_line > line and not _fits(cells, width):
                self._unclosed(line)
            if any(cells):
                yield line, cells

    def _guarded(self) -> Iterator[list[str]]:
        """The csv module's rows, its complaints as sentences that name the line."""
        try:
            yield from self._rows
        except csv.Error as error:
            if "field larger" in str(error):  # the module's own limit is 128 KiB
                sentence = _("Line %(line)s: a cell is longer than 128 KiB. Is this a roster?")
                raise RosterError(sentence % {"line": self._row_line + 1}) from error
            self._unclosed(self._row_line + 1)

    def _open(self, lines: Iterator[str]) -> Any:
        """Finds the separator in the first line that is not blank, and reads the header."""
        first = next((line for line in lines if line.strip()), "")
        if first.startswith(TYPE_LINE):
            first = next(lines, "")
        given = SEPARATOR_LINE.match(first)
        if given:
            first = next(lines, "")
        if not first:
            raise RosterError(_("The file is empty. Choose a CSV file with a header line."))
        delimiter = given[1] if given else _delimiter(first, self.names)
        self._row_line = self._read_lines - 1
        self._rows = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
        self.header = next(self._guarded())
        self._row_line = self._read_lines
        return self._rows

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        for line in iter(partial(text.readline, LONGEST_LINE), ""):
            self._read_lines += 1
            if self._read_lines - self._row_line > MOST_LINES_A_ROW and self._row_line:
                self._unclosed(self._row_line + 1)
            if len(line) == LONGEST_LINE:
                sentence = _("Line %(line)s is longer than 4 MiB. Is this a CSV file?")
                raise RosterError(sentence % {"line": self._read_lines})
            if not line.isascii() and find_broken(line):
                sentence = _(
                    "Line %(line)s is not UTF-8. Save the file as “CSV UTF-8” and try again."
                )
                raise RosterError(sentence % {"line": self._read_lines})
            yield line

    def missing(self) -> str:
        """The sentence that refuses a header without the columns needed; empty if all are there."""
        if any(field in self.columns for field in KEY_FIELDS):
            return ""
        return _("The header has no column “userPrincipalName” (or “upn”) and none called “mail”.")

    def _refuse_header(self) -> None:
        if any("\0" in name for name in self.header):
            raise RosterError(_("This is not a text file. Save it as “CSV UTF-8” and try again."))
        if repeated := repeated_columns(self.header, self.names):
            raise RosterError(
                _("The column “%(name)s” stands twice in the header. Delete one of the two.")
                % {"name": repeated[0]}
            )
        if sentence := self.missing():
            raise RosterError(sentence)

    def _unclosed(self, line: int) -> NoReturn:
        raise RosterError(
            _("Line %(line)s: a quotation mark is not closed, or stands inside a cell.")
            % {"line": line}
        )


class _HashingStream(io.RawIOBase):
    """Passes bytes on and keeps their SHA-256, so that the record can name the file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self.digest.update(data)
        return len(data)


def _refuse_other_formats(head: bytes) -> None:
    if head.startswith(b"PK\x03\x04"):
        raise RosterError(_("This is an Excel file. Save it as “CSV UTF-8” and try again."))
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RosterError(_("This file is UTF-16. Save it as “CSV UTF-8” and try again."))


def _delimiter(line: str, known: Names) -> str:
    """The separator under which the header has most known names, then most names."""

    def names(delimiter: str) -> tuple[int, int]:
        header = next(csv.reader([line], delimiter=delimiter), [])
        return len(found_columns(header, known)), len(header)

    try:
        return max(DELIMITERS, key=names)
    except csv.Error:
        return ","


def _fits(cells: list[str], width: int) -> bool:
    return len(cells) >= width and not any(cells[width:])
