"""What nobody should send, as bytes, and how to send it."""

import re
from collections.abc import Mapping
from urllib.parse import quote_from_bytes

BROKEN = {
    "nul": b"a\0b",
    "no utf-8": b"\xed\xa0\x80 is a lone surrogate, \xff\xc3( is nothing",
}
ODD = (
    "💥 \u202egnp.exe\u200b\ufeff\u2028 %00 {{ 7|add:7 }}{% now %}{x.__class__} %s%(x)s <b>'\"--"
    "\r\nBcc: b@example.org\r\n\r\n\t\x1b\x7f"
)
TEXTS = {**BROKEN, "odd": ODD.encode(), "long": b"x" * 10_000}
NUMBERS = {
    **BROKEN,
    "negative": b"-1",
    "2^31": b"2147483648",
    "2^63": b"9223372036854775808",
    "2^64": b"18446744073709551616",
    "5,000 digits": b"9" * 5_000,
    "exponent": b"1e999999",
    "not a number": b"NaN",
    "superscript": "²".encode(),
}
DAYS = {
    **BROKEN,
    "first day": b"0001-01-01",
    "last day": b"9999-12-31",
    "no such day": b"2038-02-30",
    "last instant": b"9999-12-31T23:59:59-14:00~1",
}
ALL = {**TEXTS, **NUMBERS, **DAYS}
BOUNDARY = "----hostile"
FORM = "application/x-www-form-urlencoded"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"

NUMBER = re.compile(rb"\d{1,9}")
DAY = re.compile(rb"\d{4}-\d\d-\d\d")
Fields = Mapping[str, bytes | list[bytes]]
File = tuple[bytes, bytes]


def fitting(valid: bytes | list[bytes] | None) -> Mapping[str, bytes]:
    """Garbage for a field that takes ``valid``; every kind where nothing is known."""
    if not isinstance(valid, bytes) or not valid:
        return ALL
    if DAY.fullmatch(valid):
        return DAYS
    return NUMBERS if NUMBER.fullmatch(valid) else TEXTS


def pairs(fields: Fields) -> list[tuple[str, bytes]]:
    listed = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return [(name, value) for name, values in listed.items() for value in values]


def urlencoded(fields: Fields) -> str:
    return "&".join(
        f"{quote_from_bytes(n.encode())}={quote_from_bytes(v)}" for n, v in pairs(fields)
    )


def multipart(fields: Fields, files: Mapping[str, File] | None = None) -> bytes:
    """``files`` by field: file name and content."""
    parts = [(b'name="%s"' % name.encode(), value) for name, value in pairs(fields)]
    parts += [
        (b'name="%s"; filename="%s"\r\nContent-Type: text/csv' % (field.encode(), file[0]), file[1])
        for field, file in (files or {}).items()
    ]
    line = BOUNDARY.encode()
    body = b"".join(
        b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (line, head, value)
        for head, value in parts
    )
    return body + b"--%s--\r\n" % line
