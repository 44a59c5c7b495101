"""The words under ``locale/``: reads a ``.po`` and makes the ``.mo`` that Python loads.

``python -m common.catalogues`` makes them all, on a machine without gettext's own tools. Knows what
our catalogues use: comments, contexts, strings over several lines. No plurals.
"""

import ast
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"
MAGIC = 0x950412DE
CONTEXT = "\x04"  # stands between the context of a string and the string
FIELDS = ("msgctxt", "msgid", "msgstr")


def sources() -> list[Path]:
    """Every ``.po`` of ours."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))


def read(text: str) -> dict[str, str]:
    """{string, or context and string: translation} of a ``.po``. ValueError names the line that
    is none."""
    return {
        CONTEXT.join(entry[name] for name in ("msgctxt", "msgid") if name in entry): entry["msgstr"]
        for entry in _entries(text)
    }


def _entries(text: str) -> Iterator[Mapping[str, str]]:
    entry: dict[str, str] = {}
    field = ""
    for number, line in enumerate(text.splitlines(), 1):
        word, _space, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        if word.startswith('"') and field:
            entry[field] += ast.literal_eval(line.strip())
            continue
        if word not in FIELDS:
            raise ValueError(f"line {number}: {line.strip()}")
        if field == "msgstr":
            yield entry
            entry = {}
        field = word
        entry[field] = ast.literal_eval(rest.strip())
    if entry:
        yield entry


def compiled(words: Mapping[str, str]) -> bytes:
    """The ``.mo`` of these words, the same bytes for the same words; untranslated ones left out."""
    pairs = sorted((k.encode(), v.encode()) for k, v in words.items() if v)
    index = 7 * 4
    start = index + 2 * 8 * len(pairs)
    tables, strings = [b"", b""], b""
    for column in (0, 1):
        for pair in pairs:
            tables[column] += struct.pack("<II", len(pair[column]), start + len(strings))
            strings += pair[column] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(pairs), index, index + 8 * len(pairs), 0, 0)
    return b"".join((head, *tables, strings))


def main() -> None:
    for source in sources():
        words = read(source.read_text(encoding="utf-8"))
        source.with_suffix(".mo").write_bytes(compiled(words))
        sys.stdout.write(f"{source.parent.parent.name}: {len(words) - 1}\n")


if __name__ == "__main__":
    main()
