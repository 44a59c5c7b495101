"""A worker's journal of ids: what it was about to do, in a file that outlives it.

Three words a mail: ``m`` its mark is being written, ``d`` its dot is about to leave, ``r`` and a
code the server answered. What is said together is one `write`, never an fsync: it is for a process
that was killed, not for a machine that went down. `legacy` reads it. Ids only, no addresses.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection

log = structlog.get_logger(__name__)

SUFFIX = ".journal"
# Then it begins anew; whoever dies right after leaves his mails uncertain, as without a journal.
MOST_BYTES = 4 * 1024 * 1024
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_IDENTITY = """
    SELECT system_identifier::text,
           (SELECT oid::text FROM pg_database WHERE datname = current_database())
    FROM pg_control_system()
"""


def folder() -> Path | None:
    """Where journals lie; None where none is kept."""
    return Path(settings.SEND_JOURNAL) if settings.SEND_JOURNAL else None


def identity() -> list[str]:
    """This start of this machine, and this database: a journal is believed in no other place."""
    with connection.cursor() as cursor:
        cursor.execute(_IDENTITY)
        system, database = cursor.fetchone()
    return [_BOOT.read_text().strip(), system, database]


def inode(number: int) -> list[int]:
    """A copy of the file is another file, so its header tells on it."""
    about = os.fstat(number)
    return [about.st_dev, about.st_ino]


class Journal:
    """Held open and locked as long as its worker lives: the lock says that it does.

    Where it cannot be kept there is none, and the mails of a killed worker are uncertain. A
    journal that is there but lacks a dot would be a lie: then no dot may leave.
    """

    def __init__(self, owner: UUID) -> None:
        self._owner = owner
        self._number: int | None = None
        self._path = Path()
        self._header = b""
        self._size = 0
        self._is_stuck = False

    def open(self) -> None:
        """Under another name until it is locked, so that nobody takes it for a dead one's."""
        place = folder()
        if place is None:
            return
        try:
            self._make(place)
        except OSError as error:
            log.info("no_journal", error=type(error).__name__)
            self._drop()

    def _make(self, place: Path) -> None:
        here = identity()
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = place / f"{self._owner}.new"
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND
        self._number = os.open(self._path, flags, 0o600)
        fcntl.flock(self._number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        about = {"owner": str(self._owner), "place": here, "inode": inode(self._number)}
        self._header = json.dumps(about).encode() + b"\n"
        self._size = 0
        self._write(self._header)
        self._path = self._path.rename(self._path.with_suffix(SUFFIX))

    def marks(self, ids: Iterable[int]) -> None:
        """Their marks are about to be written."""
        if self._size > MOST_BYTES and self._number is not None and not self._is_stuck:
            self._begin_anew()
        self._note("m", ids)

    def dots(self, ids: Iterable[int]) -> bool:
        """Their dots are about to leave; False where they must not."""
        self._note("d", ids)
        return not self._is_stuck

    def answers(self, codes: Sequence[tuple[int, int]]) -> None:
        """The server's words on dots, by row; before anything else is made of them."""
        self._write_down([f"r {pk} {code}" for pk, code in codes])

    def close(self, *, is_settled: bool) -> None:
        """``is_settled``: nothing of this worker is left to be found out."""
        if is_settled:
            self._drop()
        elif self._number is not None and not self._is_stuck:
            os.close(self._number)
            self._number = None

    def _note(self, word: str, numbers: Iterable[int]) -> None:
        said = " ".join(map(str, numbers))
        self._write_down([f"{word} {said}"] if said else [])

    def _write_down(self, lines: Sequence[str]) -> None:
        if self._number is None or self._is_stuck or not lines:
            return
        try:
            self._write("\n".join([*lines, ""]).encode())
        except OSError as error:
            log.warning("journal_ends", error=type(error).__name__)
            self._drop()

    def _write(self, lines: bytes) -> None:
        if self._number is None:
            raise OSError("the journal is closed")
        if os.write(self._number, lines) != len(lines):
            raise OSError("half a line")
        self._size += len(lines)

    def _begin_anew(self) -> None:
        try:
            os.ftruncate(self._number or -1, 0)
            self._size = 0
            self._write(self._header)
        except OSError:
            self._drop()

    def _drop(self) -> None:
        """There is none any more. What can be neither written nor taken away stops the dots."""
        if self._number is None:
            return
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            self._is_stuck = True  # and stays locked
            log.warning("journal_stuck")
            return
        os.close(self._number)
        self._number = None
