"""Files made to hurt: each is refused with a sentence that names the line or the reason.

Read as an upload is, in a process of its own that says how much memory it took at most, its own
children included. Of time no more is asked than that the kernel ends the reading of a workbook
after five seconds of work.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cohorts import workbooks
from tests.listener import ROOT

MOST_MIB = 200
READ = """
import json, re, resource, sys
from pathlib import Path
import django
django.setup()
from cohorts.exceptions import RosterError
from cohorts.roster.copying import RosterCopy
from cohorts.roster.reading import RosterReader

def read(path):
    try:
        with open(path, "rb") as stream:
            copy = RosterCopy(RosterReader(stream))
            while copy.read():
                pass
    except RosterError as error:
        return str(error)
    return str(copy.error or "; ".join(f"{row.line}: {row.reason}" for row in copy.rejected[:1]))

said = {path.name: read(path) for path in sorted(Path(sys.argv[1]).iterdir())}
# Not ru_maxrss of ourselves: that begins with the memory of the process that started us.
own = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
most = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
print(json.dumps({"said": said, "mebibytes": most // 1024}))
"""
HEAD = b"upn,name\na@x.org,Anna\n"
GIB = 1024**3


def sparse(path: Path) -> None:
    """Ten gigabytes that take a few kilobytes of disk."""
    with path.open("wb") as file:
        file.write(HEAD)
        file.truncate(10 * GIB)


def smaller_sparse(path: Path) -> None:
    """Below the limit of sizes: one endless line of NUL."""
    with path.open("wb") as file:
        file.write(HEAD)
        file.truncate(GIB)


def content(data: bytes | Callable[[], bytes]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data() if callable(data) else data)

    return write


BIG = "The file has 10.0\N{NO-BREAK SPACE}GB; at most 2.0\N{NO-BREAK SPACE}GB. Is this a roster?"
FILES: dict[str, tuple[Callable[[Path], None], str]] = {
    "ten gigabytes": (sparse, BIG),
    "a gigabyte in a line": (smaller_sparse, "Line 3 is longer than 4 MiB. Is this a CSV file?"),
    "unclosed quote": (
        content(HEAD + b'b@x.org,"Bert\n' + b"c@x.org,Cleo\n" * 2_000_000),
        "Line 3: a quotation mark is not closed, or stands inside a cell.",
    ),
    "a thousand columns": (
        content(b",".join([b"upn", *(b"c%d" % n for n in range(999))]) + b"\n"),
        "The header has 1000 columns; at most 500. Keep those you need.",
    ),
    "a million columns": (
        content(b"upn" + b",c" * 1_000_000 + b"\n"),
        "The header has 1000001 columns; at most 500. Keep those you need.",
    ),
    "NUL in a row": (
        content(HEAD + b"b@x.org,Be\0rt\n"),
        "3: There is a NUL character in this row.",
    ),
    "NUL in the header": (
        content(b"u\0pn,upn\na@x.org,b@x.org\n"),
        "This is not a text file. Save it as “CSV UTF-8” and try again.",
    ),
    "another encoding": (
        content("upn,name\na@x.org,Jürgen\n".encode("cp1252")),
        "Line 2 is not UTF-8. Save the file as “CSV UTF-8” and try again.",
    ),
    "an endless cell": (
        content(b"upn,name\na@x.org," + b"x" * 3_000_000 + b"\n"),
        "Line 2: a cell is longer than 128 KiB. Is this a roster?",
    ),
    "zip bomb": (content(workbooks.bomb), workbooks.BOMB),
    "a bomb that lies": (content(workbooks.lying_size), workbooks.NO_WORKBOOK),
    "many parts": (content(workbooks.many_parts), workbooks.BOMB),
    "one cell far away": (content(workbooks.far_corner), workbooks.CUT_SHORT),
    "one text everywhere": (content(workbooks.long_text_everywhere), workbooks.CUT_SHORT),
    "entities": (content(workbooks.with_entities), workbooks.ENTITIES),
    "a file from outside": (content(workbooks.with_outside_file), workbooks.ENTITIES),
    "a formula without a result": (
        content(workbooks.formula_without_result),
        "Cell B2 holds a formula without a result. Open the file in Excel, save it and try again.",
    ),
    "an error in a cell": (
        content(workbooks.error_in_a_cell),
        "Cell B2 shows an error (#N/A). Correct it and try again.",
    ),
    "1,000 columns of a sheet": (
        content(workbooks.thousand_columns),
        "The first sheet has more than 500 columns. Keep those you need.",
    ),
}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All of them in one process, one after the other: what was said, and the most memory taken."""
    folder = tmp_path_factory.mktemp("files")
    for name, (make, _sentence) in FILES.items():
        make(folder / name)
    ended = subprocess.run(
        [sys.executable, "-c", READ, str(folder)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "upgrade_tracker.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    for name in FILES:
        (folder / name).unlink()
    assert ended.returncode == 0, ended.stderr
    result: dict[str, Any] = json.loads(ended.stdout)
    return result


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_with_a_sentence(name: str, read: dict[str, Any]) -> None:
    assert read["said"][name] == FILES[name][1]


def test_hostile_files_take_little_memory(read: dict[str, Any]) -> None:
    assert 20 < read["mebibytes"] <= MOST_MIB
