"""A CSV file: from a stream of bytes to rows with the numbers of their lines.

Refuses a file as a whole where going on would be guessing: another encoding, a quotation mark that
swallows what follows. Holds one row in memory at a time.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from cohorts.exceptions import RosterError
from cohorts.tables.hashing import HashingStream, Source

DELIMITERS = ",;\t"
LONGEST_LINE = 4 * 1024 * 1024  # 1,000 full columns; what is longer is not a table
MOST_LINES_A_ROW = 20
# Bytes that are not UTF-8 arrive as these, so that the line they stand in can be named.
find_broken = re.compile("[\udc80-\udcff]").search
TYPE_LINE = "#TYPE "  # the first line of exports of older shells, before the header
SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?\s*\Z', re.IGNORECASE)  # Excel's own first line


class CsvTable:
    """Iterates over ``(line, cells)``; blank rows are left out, the header is not a row.

    ``known`` counts the names of a header that the reader of the file knows: the separator is the
    one under which most are known. Raises RosterError on construction or while iterating;
    ``sha256`` holds once everything is read.
    """

    def __init__(self, stream: Source, known: Callable[[list[str]], int]) -> None:
        self._hashing = HashingStream(stream)
        self._buffer = io.BufferedReader(self._hashing, 64 * 1024)
        self._known = known
        self._read_lines = 0
        self._row_line = 0  # the last line of the row before
        text = io.TextIOWrapper(
            self._buffer, encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
        self._rows = self._open(self._lines(text))

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
        delimiter = given[1] if given else _delimiter(first, self._known)
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

    def _unclosed(self, line: int) -> NoReturn:
        raise RosterError(
            _("Line %(line)s: a quotation mark is not closed, or stands inside a cell.")
            % {"line": line}
        )


def _delimiter(line: str, known: Callable[[list[str]], int]) -> str:
    """The separator under which the header has most known names, then most names."""

    def names(delimiter: str) -> tuple[int, int]:
        header = next(csv.reader([line], delimiter=delimiter), [])
        return known(header), len(header)

    try:
        return max(DELIMITERS, key=names)
    except csv.Error:
        return ","


def _fits(cells: list[str], width: int) -> bool:
    return len(cells) >= width and not any(cells[width:])
