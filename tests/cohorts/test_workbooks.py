"""Workbooks: rows as a CSV file would give them, and the ones nobody should open.

More of them, with the memory they take, in tests/hostile/test_files.py.
"""

import datetime
import hashlib
import io

import pytest
import xlsxwriter

from cohorts.exceptions import RosterError
from cohorts.roster.reading import RosterReader
from tests.cohorts.workbooks import (
    ENTITIES,
    GOOD,
    NO_WORKBOOK,
    SHEET,
    changed,
    error_in_a_cell,
    formula_without_result,
    in_another_encoding,
    with_result,
    workbook,
)


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
    assert read(with_result('="I"&"T"', "IT"))[1] == [(2, ["a@x.org", "IT"])]
    assert refusal(formula_without_result()) == (
        "Cell B2 holds a formula without a result. Open the file in Excel, save it and try again."
    )


def test_an_error_is_not_read_as_nothing():
    assert refusal(error_in_a_cell()) == (
        "Cell B2 shows an error (#N/A). Correct it and try again."
    )


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (in_another_encoding, ENTITIES),
        (lambda: GOOD[:200], NO_WORKBOOK),
        (lambda: changed(GOOD, SHEET, lambda text: text[:-40]), NO_WORKBOOK),
        (lambda: GOOD.replace(b"xl/workbook.xml", b"xl/workbook.bin"), NO_WORKBOOK),
        (
            lambda: b"\xd0\xcf\x11\xe0" + bytes(600),
            "This is an old or a protected Excel file. Save it as .xlsx without a password.",
        ),
        (workbook, "The first sheet is empty. Its first row must name the columns."),
    ],
)
def test_what_is_no_workbook_is_refused_with_a_sentence(make, sentence):
    assert refusal(make()) == sentence


def test_any_bytes_behind_the_sign_of_a_workbook_end_in_a_sentence():
    for n in range(4, len(GOOD), len(GOOD) // 12):
        with pytest.raises(RosterError):
            read(GOOD[:n] + b"\xff" * 40)
