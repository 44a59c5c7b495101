"""What leaves as CSV opens in a spreadsheet as text, never as a formula."""

import contextlib
import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.timezone import override
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from common.export import CELL_SIGNS, TooManyRows, csv_response, safe_cell, xlsx_response


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        (None, ""),
        (-3, -3),
        (Decimal("-1.5"), Decimal("-1.5")),
        (date(2038, 1, 4), date(2038, 1, 4)),
        ("=1+1", "'=1+1"),
        ("+49 30 1", "'+49 30 1"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\rx", "'\rx"),
        ("＝1+1", "'＝1+1"),
        ("  =1", "  '=1"),
        ("a;=1", "a;'=1"),
        ("a, -b", "a, '-b"),
        ("a\n=1", "a\n'=1"),
        ("semi-detached", "semi-detached"),
    ],
)
def test_safe_cell_guards_formulas(value, expected):
    assert safe_cell(value) == expected


@given(st.text())
def test_safe_cell_never_leaves_a_formula_at_the_start_of_a_cell(text):
    guarded = str(safe_cell(text))
    for part in guarded.replace(";", ",").replace("\n", ",").replace("\r", ",").split(","):
        assert not part.lstrip(" ").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) or (
            part.startswith("    ")
        )


def test_csv_response_streams_what_a_reader_gets_back():
    rows = (["Ümit", "=cmd", 3] for _ in range(450))
    response = csv_response("my people.csv", ["Name", "Note", "Count"], rows)
    body = b"".join(response.streaming_content)
    assert response["Content-Disposition"] == 'attachment; filename="my people.csv"'
    assert body.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(body.decode("utf-8-sig")))) == [
        ["Name", "Note", "Count"],
        *[["Ümit", "'=cmd", "3"]] * 450,
    ]


def whole(response) -> bytes:
    with contextlib.closing(response):
        return b"".join(response.streaming_content)


def sheet_of(response) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(whole(response)))
    return book.get_sheet_by_index(0).to_python()


NINE = datetime(2038, 1, 4, 9, tzinfo=UTC).replace(tzinfo=None)  # a sheet knows no zones
HOSTILE = ("=1+1", "+49 30", "-2", "@SUM(A1)", "＝1", "a;=1", "\t=1", "http://x.org", "00123")


def test_xlsx_response_holds_text_numbers_and_times_and_no_formula():
    rows = [
        ["Ümit \U0001f4a5", 3, Decimal("1.5"), date(2038, 1, 4), None],
        [*HOSTILE[:4], datetime(2038, 1, 4, 8, tzinfo=UTC)],
        [*HOSTILE[4:]],
    ]
    with override("Europe/Berlin"):
        response = xlsx_response("my people.xlsx", ["Name", "=A1", 3, "d", "e"], iter(rows))
    assert response["Content-Disposition"] == 'attachment; filename="my people.xlsx"'
    assert (response["Cache-Control"], response["X-Content-Type-Options"]) == (
        "no-store",
        "nosniff",
    )
    assert sheet_of(response) == [
        ["Name", "'=A1", "3", "d", "e"],
        ["Ümit \U0001f4a5", 3.0, 1.5, date(2038, 1, 4), ""],
        [*map(safe_cell, HOSTILE[:4]), NINE],
        [*map(safe_cell, HOSTILE[4:])],
    ]


def test_xlsx_has_no_formula_and_no_link_in_its_xml():
    response = xlsx_response("a.xlsx", ["x"], [[text] for text in HOSTILE])
    with zipfile.ZipFile(io.BytesIO(whole(response))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert ("<f>" in sheet, "hyperlink" in sheet) == (False, False)


def test_xlsx_cuts_what_no_cell_can_hold_instead_of_leaving_it_out():
    response = xlsx_response("a.xlsx", ["x"], [["y" * 40_000]])
    assert sheet_of(response) == [["x"], ["y" * CELL_SIGNS]]


def test_xlsx_refuses_more_rows_than_a_sheet_has(monkeypatch):
    monkeypatch.setattr("common.export.SHEET_ROWS", 3)
    assert sheet_of(xlsx_response("a.xlsx", ["x"], [[1], [2]])) == [["x"], [1.0], [2.0]]
    with pytest.raises(TooManyRows, match="Download CSV instead"):
        xlsx_response("a.xlsx", ["x"], [[1], [2], [3]])
