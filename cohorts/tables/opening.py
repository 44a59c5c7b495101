"""Tells by its first bytes what a file is, and opens it or says what to do with it instead."""

import os
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from cohorts.exceptions import RosterError
from cohorts.tables.text import CsvTable
from cohorts.tables.workbook import WorkbookTable

MOST_BYTES = 2 * 1024**3  # ten million people; what is larger is something else
MOST_COLUMNS = 500
WORKBOOK = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Table(Protocol):
    """A header, and rows with the number of the line or the row of the sheet they begin in."""

    header: list[str]

    @property
    def sha256(self) -> str: ...

    def __iter__(self) -> Iterator[tuple[int, list[str]]]: ...


def open_table(stream: BinaryIO, known: Callable[[list[str]], int]) -> Table:
    """The table in ``stream``, its header read; ``known`` counts the names we know in a header.

    Raises RosterError for what is no table, or one beyond all measure.
    """
    _refuse_size(stream)
    head = stream.read(4)
    if head.startswith(UTF_16):
        raise RosterError(_("This file is UTF-16. Save it as “CSV UTF-8” and try again."))
    if head == OLD_WORKBOOK:
        raise RosterError(
            _("This is an old or a protected Excel file. Save it as .xlsx without a password.")
        )
    whole = _Rejoined(head, stream)
    table: Table = WorkbookTable(whole) if head == WORKBOOK else CsvTable(whole, known)
    if len(table.header) > MOST_COLUMNS:
        raise RosterError(
            _("The header has %(n)s columns; at most %(most)s. Keep those you need.")
            % {"n": len(table.header), "most": MOST_COLUMNS}
        )
    if any("\0" in name for name in table.header):
        raise RosterError(_("This is not a text file. Save it as “CSV UTF-8” and try again."))
    return table


def _refuse_size(stream: BinaryIO) -> None:
    """Before a byte is read: a sparse file of any size costs nothing on its disk."""
    try:
        size = os.fstat(stream.fileno()).st_size
    except (OSError, AttributeError):
        return
    if size > MOST_BYTES:
        raise RosterError(
            _("The file has %(size)s; at most %(most)s. Is this a roster?")
            % {"size": filesizeformat(size), "most": filesizeformat(MOST_BYTES)}
        )


class _Rejoined:
    """``stream`` with the bytes that were already looked at in front again."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        if self._head:
            head, self._head = self._head[:size], self._head[size:]
            return head
        return self._stream.read(size)
