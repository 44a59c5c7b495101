"""Reads a workbook on standard input and writes its rows as lines of JSON: ``[row, [cell, …]]``.

Run as a script, in a process of its own; a refusal is one object ``{"why": …}``. Before anything is
unpacked it looks at the directory of the archive, before anything is parsed at the bytes of each
part; and it may never take more than the limits below. Imports nothing of ours.
"""

import json
import re
import resource
import struct
import sys
import zipfile
from collections.abc import Iterator
from typing import IO, Any, NoReturn
from xml.etree import ElementTree as ET

MEMORY = 190 * 1024 * 1024
SECONDS = 5
MOST_PARTS = 1_000
MOST_UNPACKED = 300 * 1024 * 1024
MOST_RATIO = 150  # of a part of more than a mebibyte; real sheets pack to a tenth, seldom less
SMALL_PART = 1024 * 1024
MOST_COLUMNS = 500
BLOCK = 1024 * 1024
OVERLAP = 4096
DIRECTORY_END = b"PK\x05\x06"
ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CELL = rb'<(?:\w+:)?c\b(?=[^>]*?\br="(?P<cell>[A-Z]+\d+)")[^>]*'
NO_RESULT = re.compile(
    CELL + rb">\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
ERROR = re.compile(
    CELL + rb'(?<=\s)t="e"[^>]*>(?:<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?'
    rb"\s*<(?:\w+:)?v>(?P<text>[^<]*)"
)


def refuse(why: str, **more: str) -> NoReturn:
    print(json.dumps({"why": why, **more}))
    sys.exit(0)


def main(file: IO[bytes]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        inspect(file)
        file.seek(0)
        write_rows(file)
    except (zipfile.BadZipFile, KeyError, ValueError, ET.ParseError, NotImplementedError):
        refuse("format")


def inspect(file: IO[bytes]) -> None:
    """Refuse what is no workbook, or a trap."""
    if parts_of(file) > MOST_PARTS:
        refuse("size")
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        if not {"[Content_Types].xml", "xl/workbook.xml"} <= {part.filename for part in parts}:
            refuse("format")
        if sum(part.file_size for part in parts) > MOST_UNPACKED or any(map(is_bomb, parts)):
            refuse("size")
        sheet = first_sheet(archive)
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                look_into(archive, part, is_sheet=part.filename == sheet)


def parts_of(file: IO[bytes]) -> int:
    """The number of parts, without reading the directory: that alone can be gigabytes."""
    end = file.seek(0, 2)
    file.seek(max(0, end - 70_000))
    tail = file.read()
    at = tail.rfind(DIRECTORY_END)
    if at < 0 or len(tail) < at + 12:
        refuse("format")
    (parts,) = struct.unpack_from("<H", tail, at + 10)
    return int(parts)


def is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > SMALL_PART and part.file_size > MOST_RATIO * part.compress_size


def first_sheet(archive: zipfile.ZipFile) -> str:
    """The part that holds the first visible sheet; empty where the workbook names it oddly."""
    for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        look_into(archive, archive.getinfo(name), is_sheet=False)
    # What declares entities was refused a moment ago.
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet") and sheet.get("state", "visible") == "visible":
            target = targets.get(sheet.get(ID), "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


def look_into(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, is_sheet: bool) -> None:
    """The bytes of a part as they come, before a parser sees them."""
    kept = b""
    with archive.open(part) as stream:
        for block in iter(lambda: stream.read(BLOCK), b""):
            text = kept + block
            # Another encoding than UTF-8 would hide a declaration.
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text[:BLOCK]:
                refuse("entities")
            if is_sheet and (b"<f" in text or b":f" in text or b't="e"' in text):
                refuse_cells(text)
            kept = text[-OVERLAP:]


def refuse_cells(text: bytes) -> None:
    """A result that is missing or an error would be read as nothing, and empty a field."""
    if found := NO_RESULT.search(text):
        refuse("formula", cell=found["cell"].decode())
    if found := ERROR.search(text):
        refuse("error", cell=found["cell"].decode(), text=found["text"].decode(errors="replace"))


def write_rows(file: IO[bytes]) -> None:
    write = sys.stdout.write
    for row in rows(file):
        write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def rows(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        with CalamineWorkbook.from_filelike(file) as book:
            seen = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
            if not seen:
                refuse("format")
            sheet = book.get_sheet_by_name(seen[0])
    except CalamineError:
        refuse("format")
    if sheet.width > MOST_COLUMNS:
        refuse("columns")
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = list(map(as_text, cells))
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield number, texts


def as_text(value: Any) -> str:
    """A cell as a person sees it, near enough: whole numbers without a point, dates as ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main(sys.stdin.buffer)
