"""Tables that leave the house as CSV: streamed, readable by Excel, and never a formula.

A cell that begins with a formula character would be run by the spreadsheet that opens it, so it
gets an apostrophe in front; so does a formula character behind a separator, because Excel splits
at ``;`` in half of the world whatever the file meant.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

# ASCII signs and their full-width twins, which Excel folds to the same.
DANGEROUS = re.compile(r"(\A\s*|[,;|\t\r\n] {0,3})(?=[=+\-@＝＋－＠])")
LEADING_CONTROL = ("\t", "\r", "\n")
BOM = "\ufeff"
LINES_A_CHUNK = 200


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
    disposition = content_disposition_header(as_attachment=True, filename=filename)
    response["Content-Disposition"] = disposition or "attachment"
    response["Cache-Control"] = "no-store"
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
