"""Workbooks: rows as a CSV file would give them, and the ones nobody should open."""

import datetime
import hashlib
import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter

from cohorts.exceptions import RosterError
from cohorts.roster.reading import RosterReader

BOMB = "This workbook unpacks to far more than a roster holds, so it was not opened."
ENTITIES = "This workbook declares entities of its own, so it was not opened."
NO_WORKBOOK = "This is not an Excel workbook (.xlsx). Save it as .xlsx or “CSV UTF-8”."
CUT_SHORT = "This workbook takes too much memory or time to read. Save it as “CSV UTF-8”."
SHEET = "xl/worksheets/sheet1.xml"


def workbook(*rows: tuple[Any, ...], **options: Any) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, **options})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, cells in enumerate(rows):
        for place, cell in enumerate(cells):
            if isinstance(cell, datetime.date):
                sheet.write_datetime(number, place, cell, day)
            else:
                sheet.write(number, place, cell)
    book.close()
    return out.getvalue()


def changed(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same workbook with one part changed."""
    out = io.BytesIO()
    old = zipfile.ZipFile(io.BytesIO(data))
    with old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            text = old.read(part)
            new.writestr(part, change(text) if part == name else text)
    return out.getvalue()


def read(data: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    reader = RosterReader(io.BytesIO(data))
    return reader.header, list(reader)


def refusal(data: bytes) -> str:
    with pytest.raises(RosterError) as caught:
        read(data)
    return str(caught.value)


def test_a_workbook_reads_like_a_csv_file():
    rows = (
        ("upn", "name", "Number", "Rate", "Since", "Here", "=Formula?"),
        (),
        ("a@x.org", "Anna, \n“A”", 4711, 0.5, datetime.date(2026, 1, 2), True, "=1+1"),
        ("b@x.org", "", "007"),
    )
    header = ["upn", "name", "Number", "Rate", "Since", "Here", "=Formula?"]
    first = ["a@x.org", "Anna, \n“A”", "4711", "0.5", "2026-01-02", "TRUE", "=1+1"]
    assert read(workbook(*rows)) == (header, [(3, first), (4, ["b@x.org", "", "007"])])


def test_a_workbook_has_the_hash_of_its_file():
    data = workbook(("upn",), ("a@x.org",))
    assert RosterReader(io.BytesIO(data)).sha256 == hashlib.sha256(data).hexdigest()


def test_the_first_visible_sheet_counts():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    for name, address in (("Hidden", "h@x.org"), ("Seen", "s@x.org"), ("More", "m@x.org")):
        sheet = book.add_worksheet(name)
        sheet.write_column(0, 0, ["upn", address])
        if name == "Hidden":
            sheet.hide()
        if name == "Seen":
            sheet.activate()
            sheet.set_first_sheet()
    book.close()
    assert read(out.getvalue())[1] == [(2, ["s@x.org"])]


def test_a_formula_counts_with_its_result():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["upn", "department"])
    sheet.write_string(1, 0, "a@x.org")
    sheet.write_formula(1, 1, '="I"&"T"', None, "IT")
    book.close()
    assert read(out.getvalue())[1] == [(2, ["a@x.org", "IT"])]
    empty = changed(out.getvalue(), SHEET, lambda text: text.replace(b"<v>IT</v>", b""))
    assert refusal(empty) == (
        "Cell B2 holds a formula without a result. Open the file in Excel, save it and try again."
    )


def test_an_error_is_not_read_as_nothing():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["upn", "department"])
    sheet.write_string(1, 0, "a@x.org")
    sheet.write_formula(1, 1, "=NA()", None, "#N/A")
    book.close()
    assert refusal(out.getvalue()) == "Cell B2 shows an error (#N/A). Correct it and try again."


GOOD = workbook(("upn", "name"), ("a@x.org", "Anna"))
DTD = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet'
XXE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst'


def bomb() -> bytes:
    return changed(
        GOOD, SHEET, lambda text: text.replace(b"</sheetData>", b" " * 50_000_000 + b"</sheetData>")
    )


def far_corner() -> bytes:
    """One cell in the last corner: a dense table of it would take half a terabyte."""
    cell = b'<row r="1048576"><c r="SF1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    return changed(GOOD, SHEET, lambda text: text.replace(b"</sheetData>", cell + b"</sheetData>"))


def long_text_everywhere() -> bytes:
    """One text of 30 kB, stored once and shown in 100,000 cells: three gigabytes."""
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(3, 100_000)
    )
    data = changed(GOOD, SHEET, lambda text: text.replace(b"</sheetData>", rows + b"</sheetData>"))
    long = b"x" * 30_000
    return changed(data, "xl/sharedStrings.xml", lambda text: text.replace(b"upn", long))


def many_parts() -> bytes:
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as archive:
        for n in range(1_100):
            archive.writestr(f"xl/more/{n}.xml", b"")
    return out.getvalue()


def lying_size() -> bytes:
    """A directory that says little of a part that unpacks to much."""
    data = bytearray(bomb())
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(SHEET.encode()))
    struct.pack_into("<I", data, at + 24, 4_000)
    return bytes(data)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (bomb, BOMB),
        (many_parts, BOMB),
        (far_corner, CUT_SHORT),
        (long_text_everywhere, CUT_SHORT),
        (lying_size, NO_WORKBOOK),
        (lambda: changed(GOOD, SHEET, lambda text: text.replace(b"<worksheet", DTD, 1)), ENTITIES),
        (
            lambda: changed(
                GOOD, "xl/sharedStrings.xml", lambda text: text.replace(b"<sst", XXE, 1)
            ),
            ENTITIES,
        ),
        (
            lambda: changed(GOOD, "xl/workbook.xml", lambda text: text.decode().encode("utf-16")),
            ENTITIES,
        ),
        (lambda: GOOD[:200], NO_WORKBOOK),
        (lambda: changed(GOOD, SHEET, lambda text: text[:-40]), NO_WORKBOOK),
        (lambda: GOOD.replace(b"xl/workbook.xml", b"xl/workbook.bin"), NO_WORKBOOK),
        (
            lambda: workbook(tuple(f"c{n}" for n in range(1_000))),
            "The first sheet has more than 500 columns. Keep those you need.",
        ),
        (
            lambda: b"\xd0\xcf\x11\xe0" + bytes(600),
            "This is an old or a protected Excel file. Save it as .xlsx without a password.",
        ),
        (workbook, "The first sheet is empty. Its first row must name the columns."),
    ],
)
def test_a_hostile_workbook_is_refused_with_a_sentence(make, sentence):
    assert refusal(make()) == sentence
