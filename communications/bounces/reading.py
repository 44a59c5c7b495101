"""Mails that came back, from where they lie: a file of one or many, or a folder. Pure reading.

A mailbox file (mbox), a folder in Maildir's or any other form, or single mails. One at a time.
"""

import mailbox
from collections.abc import Iterator
from pathlib import Path

from communications.bounces.report import MOST_BYTES

MBOX_START = b"From "
MAILDIR = ("cur", "new")


def mails_in(path: Path) -> Iterator[bytes]:
    """Every mail below ``path`` in the order of names. OSError where it cannot be read."""
    if path.is_dir():
        folders = [path / name for name in MAILDIR if (path / name).is_dir()] or [path]
        for folder in folders:
            for file in sorted(folder.iterdir()):
                if file.is_file():
                    yield from _mails_of(file)
    else:
        yield from _mails_of(path)


def _mails_of(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        start = opened.read(len(MBOX_START))
        if start != MBOX_START:
            yield start + opened.read(MOST_BYTES)
            return
    box = mailbox.mbox(file, create=False)
    try:
        for key in box.iterkeys():
            with box.get_file(key) as one:
                yield one.read(MOST_BYTES)
    finally:
        box.close()
