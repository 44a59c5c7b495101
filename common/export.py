"""Tables that leave the house as CSV or XLSX: never a formula, whoever opens them.

A cell that begins with a formula character would be run by the spreadsheet that opens it, so it
gets an apostrophe in front; so does a formula character behind a separator, because Excel splits
at ``;`` in half of the world whatever the file meant. CSV is streamed. XLSX is written to a
temporary file first, row by row: memory stays flat for both.

Whoever passes ``rows`` from one statement hands out one snapshot: PostgreSQL shows a statement
nothing that was committed after it began.
"""

import csv
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, TypeVar

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from common.exceptions import DomainError

# ASCII signs and their full-width twins, which Excel folds to the same.
DANGEROUS = re.compile(r"(\A\s*|[,;|\t\r\n] {0,3})(?=[=+\-@＝＋－＠])")
LEADING_CONTROL = ("\t", "\r", "\n")
BOM = "\ufeff"
LINES_A_CHUNK = 200
# A sheet could hold 1,048,576, but a file of that size takes longer than a browser waits.
SHEET_ROWS = 300_001
CELL_SIGNS = 32_767
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOK = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd hh:mm",
}


Download = TypeVar("Download", bound=HttpResponseBase)


class TooManyRows(DomainError):
    """More rows than an XLSX file is made of."""


def safe_cell(value: object) -> object:
    """``value`` as a spreadsheet may show it. Numbers and dates stay what they are."""
    if not isinstance(value, str):
        return "" if value is None else value
    guarded = DANGEROUS.sub(r"\1'", value)
    return "'" + guarded if guarded.startswith(LEADING_CONTROL) else guarded


def csv_lines(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of the file, first the byte order mark and the header. Reads ``rows`` once."""
    echo = _Echo()
    writer = csv.writer(echo, lineterminator="\r\n")
    yield BOM + writer.writerow([safe_cell(cell) for cell in header])
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])


def csv_response(
    filename: str, header: Sequence[object], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """A download named ``filename`` in constant memory, when ``rows`` is an iterator."""
    response = StreamingHttpResponse(
        _chunks(csv_lines(header, rows)), content_type="text/csv; charset=utf-8"
    )
    return _as_download(response, filename)


def xlsx_response(
    filename: str, header: Sequence[object], rows: Iterable[Sequence[object]]
) -> FileResponse:
    """The same as a workbook of one sheet. Raises TooManyRows where a sheet cannot hold them."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    try:
        _write_workbook(file, header, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return _as_download(FileResponse(file, content_type=XLSX), filename)


def table_response(
    name: str, kind: str, header: Sequence[object], rows: Iterable[Sequence[object]]
) -> HttpResponseBase:
    """``name`` with the ending ``kind``: "xlsx", or "csv" for everything else."""
    if kind == "xlsx":
        return xlsx_response(f"{name}.xlsx", header, rows)
    return csv_response(f"{name}.csv", header, rows)


def _write_workbook(
    file: IO[bytes], header: Sequence[object], rows: Iterable[Sequence[object]]
) -> None:
    book = xlsxwriter.Workbook(file, WORKBOOK)
    try:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for column, cell in enumerate(header):
            sheet.write_string(0, column, str(safe_cell(str(cell))), bold)
        for number, row in enumerate(rows, start=1):
            if number >= SHEET_ROWS:
                raise TooManyRows(
                    _(
                        "An XLSX file holds %(n)s rows here and there are more. Download CSV"
                        " instead, which takes any number."
                    )
                    % {"n": f"{SHEET_ROWS - 1:,}"}
                )
            for column, cell in enumerate(row):
                _write_cell(sheet, number, column, cell)
    finally:
        book.close()


def _write_cell(sheet: Any, row: int, column: int, value: object) -> None:
    """Text always as text: xlsxwriter's own guess would make a formula of ``=1``."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime):
        # A sheet knows no zones: the reader's own, as on the page.
        here = timezone.localtime(value) if timezone.is_aware(value) else value
        sheet.write_datetime(row, column, here.replace(tzinfo=None))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value)
    else:
        # A longer one would be left out without a word.
        sheet.write_string(row, column, str(safe_cell(str(value)))[:CELL_SIGNS])


def _as_download(response: Download, filename: str) -> Download:
    disposition = content_disposition_header(as_attachment=True, filename=filename)
    response["Content-Disposition"] = disposition or "attachment"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


class _Echo:
    """A file that hands back what is written, so the csv module makes lines for a stream."""

    def write(self, line: str) -> str:
        return line


def _chunks(lines: Iterator[str]) -> Iterator[str]:
    """Many lines to a chunk: a chunk of its own for every line doubles the time of a download."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == LINES_A_CHUNK:
            yield "".join(held)
            held = []
    yield "".join(held)
