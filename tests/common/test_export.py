"""What leaves as CSV opens in a spreadsheet as text, never as a formula."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.export import csv_response, safe_cell


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        (None, ""),
        (-3, -3),
        (Decimal("-1.5"), Decimal("-1.5")),
        (date(2027, 1, 4), date(2027, 1, 4)),
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
