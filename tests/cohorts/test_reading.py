"""Files as people bring them, and files nobody should go on with."""

import csv
import hashlib
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.exceptions import RosterError
from cohorts.roster.columns import EXPORT_NAMES
from cohorts.roster.copying import RosterCopy
from cohorts.roster.reading import RosterReader
from cohorts.tables.text import LONGEST_LINE


def read(data: bytes | str) -> list[tuple[int, list[str]]]:
    raw = data.encode() if isinstance(data, str) else data
    return list(RosterReader(io.BytesIO(raw)))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_reader_finds_separator_line_end_and_bom(delimiter, end, bom):
    rows = [["upn", "name"], ["a@x.org", "Amsel, Anna; geb. \tZoe"], ["b@x.org", "Bert"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    assert read(bom + out.getvalue()) == [(2, rows[1]), (3, rows[2])]


def test_reader_counts_lines_through_blank_and_broken_lines():
    text = 'upn,name\n\na@x.org,"Anna\r\nAmsel"\n,\nb@x.org,Bert'
    assert read(text) == [(3, ["a@x.org", "Anna\r\nAmsel"]), (6, ["b@x.org", "Bert"])]


def test_reader_counts_lines_after_blank_ones_and_excels_own():
    assert read("\n\nsep=;\nupn;name\na@x.org;A,B\n") == [(5, ["a@x.org", "A,B"])]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("userPrincipalName,displayName,mail", {"upn": 0, "mail": 2, "display_name": 1}),
        ("User principal name,E-Mail,Other", {"upn": 0, "mail": 1}),
        (" UPN , NAME ,object id", {"upn": 0, "display_name": 1, "object_id": 2}),
        ("mail", {"mail": 0}),
        ("id,objectId,mail", {"mail": 2, "object_id": 1}),
        (
            ",".join(EXPORT_NAMES.values()),
            {
                "upn": 0,
                "mail": 1,
                "display_name": 2,
                "object_id": 3,
                "sip_address": 4,
                "department": 5,
                "office": 6,
                "country": 7,
                "usage_location": 8,
                "language": 9,
                "manager": 10,
                "timezone": 11,
            },
        ),
    ],
)
def test_reader_knows_the_header_names(header, columns):
    assert RosterReader(io.BytesIO(header.encode())).columns == columns


def test_reader_takes_hundreds_of_columns_but_no_thousand():
    cells = ["a@x.org", *("x" for _ in range(499))]
    header = ["upn", *(f"extra{n}" for n in range(499))]
    text = f"{','.join(header)}\n{','.join(cells)}\n"
    assert read(text) == [(2, cells)]
    sentence = "The header has 501 columns; at most 500. Keep those you need."
    with pytest.raises(RosterError, match=sentence):
        read(f"more,{text}")


def test_reader_hashes_the_file_as_it_came():
    data = "\ufeffupn\na@x.org\n".encode()
    reader = RosterReader(io.BytesIO(data))
    list(reader)
    assert reader.sha256 == hashlib.sha256(data).hexdigest()


ROWS = "".join(f"p{n}@x.org,Name\n" for n in range(100))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty. Choose a CSV file with a header line."),
        (b"\n \n", "The file is empty. Choose a CSV file with a header line."),
        (
            b"name,department\nAnna,IT\n",
            "The header has no column “userPrincipalName” (or “upn”) and none called “mail”.",
        ),
        (
            b"upn,mail,UPN\na,b,c\n",
            "The column “upn” stands twice in the header. Delete one of the two.",
        ),
        (
            "upn,name\na@x.org,Anna\nb@x.org,Jörg\n".encode("cp1252"),
            "Line 3 is not UTF-8. Save the file as “CSV UTF-8” and try again.",
        ),
        (
            "upn,name\na@x.org,Anna\n".encode("utf-16"),
            "This file is UTF-16. Save it as “CSV UTF-8” and try again.",
        ),
        (
            "upn,name\na@x.org,Anna\n".encode("utf-16-le"),
            "This is not a text file. Save it as “CSV UTF-8” and try again.",
        ),
        (
            b"PK\x03\x04rest",
            "This is not an Excel workbook (.xlsx). Save it as .xlsx or “CSV UTF-8”.",
        ),
        (
            b'upn,name\na@x.org,Anna\nb@x.org,"Bert\nc@x.org,Carl\n',
            "Line 3: a quotation mark is not closed, or stands inside a cell.",
        ),
        (
            f'upn,name\na@x.org,Anna\nb@x.org,"Bert\n{ROWS}'.encode(),
            "Line 3: a quotation mark is not closed, or stands inside a cell.",
        ),
        (
            b'upn,name\na@x.org,"Anna\nb@x.org,"Bert"\n',
            "Line 2: a quotation mark is not closed, or stands inside a cell.",
        ),
        (
            b'upn,name,mail\na@x.org,"Anna\nb@x.org,Bert"\n',
            "Line 2: a quotation mark is not closed, or stands inside a cell.",
        ),
        (
            b"upn,name\na@x.org," + b"x" * (128 * 1024 + 1) + b"\n",
            "Line 2: a cell is longer than 128 KiB. Is this a roster?",
        ),
        (
            b"upn,name\na@x.org," + b"x," * LONGEST_LINE + b"\n",
            "Line 2 is longer than 4 MiB. Is this a CSV file?",
        ),
    ],
)
def test_reader_refuses_files_with_a_sentence(data, sentence):
    with pytest.raises(RosterError) as caught:
        read(data)
    assert str(caught.value) == sentence


def drained(copy: RosterCopy) -> str:
    return "".join(iter(copy.read, ""))


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data):
    for start in (b"", b"upn,name\n"):
        with suppress(RosterError):
            drained(RosterCopy(RosterReader(io.BytesIO(start + data))))


LETTERS = st.sampled_from(
    ["a@x.org", "b@ü.de", '"', ",", ";", "\t", "\n", "\r", "\0", "\\", " ", "é", "\u202e"]
)


@given(st.lists(LETTERS, max_size=40).map("".join))
def test_no_text_breaks_a_row_out_of_its_line(text):
    copy = RosterCopy(RosterReader(io.BytesIO(b"upn,name,mail\n" + text.encode())))
    lines = drained(copy).split("\n")[:-1]
    assert all(line.count("\t") == 4 for line in lines)
    assert copy.rows >= len(lines)
