"""Workbooks for tests: good ones, broken ones, and traps."""

import datetime
import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import xlsxwriter

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


def with_entities() -> bytes:
    return changed(GOOD, SHEET, lambda text: text.replace(b"<worksheet", DTD, 1))


def with_outside_file() -> bytes:
    return changed(GOOD, "xl/sharedStrings.xml", lambda text: text.replace(b"<sst", XXE, 1))


def in_another_encoding() -> bytes:
    """Where a declaration of entities could hide from whoever looks for it in UTF-8."""
    return changed(GOOD, "xl/workbook.xml", lambda text: text.decode().encode("utf-16"))


def with_result(formula: str, result: str) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["upn", "department"])
    sheet.write_string(1, 0, "a@x.org")
    sheet.write_formula(1, 1, formula, None, result)
    book.close()
    return out.getvalue()


def formula_without_result() -> bytes:
    return changed(
        with_result('="I"&"T"', "IT"), SHEET, lambda text: text.replace(b"<v>IT</v>", b"")
    )


def error_in_a_cell() -> bytes:
    return with_result("=NA()", "#N/A")


def thousand_columns() -> bytes:
    return workbook(tuple(f"c{n}" for n in range(1_000)))
