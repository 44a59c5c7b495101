"""What killed workers left in their journals, read by the next one on the same machine.

Believed only where it cannot be wrong: written on this start of this machine, for this database,
in this very file, by a worker whose lock on it is gone. Everything else leaves a mail uncertain.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from django.db import connection

from communications.enums import DeliveryState
from communications.services.pipeline.journal import SUFFIX, folder, identity, inode
from communications.services.pipeline.statement import WRITE
from communications.services.pipeline.step import AFTER_THE_DOT, Outcome, Step

# What stands further back was settled long ago: a worker has few mails at their dot.
TAIL_BYTES = 64 * 1024
FORGOTTEN_SECONDS = 86_400

_HELD = """
    SELECT id, owner, state FROM communications_delivery
    WHERE id = ANY(%s) AND owner = ANY(%s::uuid[]) AND state IN ('claimed', 'sending', 'uncertain')
"""


@dataclass(frozen=True, slots=True)
class Left:
    """One dead worker's file. ``taken``: the server's 2xx, by row. ``kept``: no dot counted."""

    owner: UUID
    path: Path
    taken: dict[int, int]
    kept: frozenset[int]

    @property
    def ids(self) -> set[int]:
        return self.taken.keys() | self.kept


@dataclass(slots=True)
class Legacy:
    """``sent`` are rows that became sent; ``kept`` (row, owner) may be queued again; ``open`` rows
    are known to be sent and somebody has them just now.
    """

    sent: int = 0
    kept: list[tuple[int, UUID]] = field(default_factory=list)
    open: list[int] = field(default_factory=list)


@contextmanager
def of_the_dead() -> Iterator[Sequence[Left]]:
    """Their journals, locked so that no two read one; nothing where all workers live."""
    files: list[int] = []
    try:
        yield [left for path in _paths() if (left := _read(path, files)) is not None]
    finally:
        for number in files:
            os.close(number)


def settle(left: Sequence[Left]) -> Legacy:
    """Write what is known to be sent, in the dead worker's name. Throw away what tells no more."""
    legacy = Legacy()
    if not left:
        return legacy
    ids = [pk for one in left for pk in one.ids]
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [ids, [str(one.owner) for one in left]])
        held = {(pk, owner): DeliveryState(state) for pk, owner, state in cursor.fetchall()}
    for one in left:
        mine = {pk: state for (pk, owner), state in held.items() if owner == one.owner}
        sent = [pk for pk, state in mine.items() if pk in one.taken and state in AFTER_THE_DOT]
        if sent:
            legacy.open += _write(one, sent)
        legacy.sent += len(sent)
        legacy.kept += [(pk, one.owner) for pk in mine if pk in one.kept]
        if not sent and set(mine.values()) <= {DeliveryState.UNCERTAIN}:
            one.path.unlink(missing_ok=True)
    legacy.sent -= len(legacy.open)
    return legacy


def _write(left: Left, sent: Sequence[int]) -> list[int]:
    """The worker's own statement, for it locks in the right order. What it could not get at."""
    step = Step(left.owner, 0)
    results = [Outcome(pk, DeliveryState.SENT, AFTER_THE_DOT, code=left.taken[pk]) for pk in sent]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(WRITE.prepare(step.name))
        cursor.execute(WRITE.execute(step.name), step.values(results))
        locked, _marked = cursor.fetchone()
        cursor.execute(f"{WRITE.forget(step.name)}; SET LOCAL enable_seqscan = on")
    return sorted(set(sent) - set(locked))


def _paths() -> list[Path]:
    place = folder()
    if place is None or not place.is_dir():
        return []
    return [Path(one.path) for one in os.scandir(place) if one.name.endswith(SUFFIX)]


def _read(path: Path, files: list[int]) -> Left | None:
    """None where its worker lives, or where it is not to be believed."""
    try:
        number = os.open(path, os.O_RDWR)
    except OSError:
        return None
    files.append(number)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        owner, words = _believed(number)
    except (OSError, ValueError, KeyError, TypeError):
        _forget(path, number)
        return None
    taken = {pk: code for pk, (word, code) in words.items() if word == "r" and code // 100 == 2}
    kept = {
        pk
        for pk, (word, code) in words.items()
        if word == "m" or (word == "r" and code // 100 in (4, 5))
    }
    return Left(owner, path, taken, frozenset(kept))


def _believed(number: int) -> tuple[UUID, dict[int, tuple[str, int]]]:
    """Whose it is and the last word on each row. Raises ValueError where in doubt."""
    size = os.fstat(number).st_size
    header, found, _rest = os.pread(number, 4096, 0).partition(b"\n")
    about = json.loads(header)
    if not found or about["place"] != identity() or about["inode"] != inode(number):
        raise ValueError("written elsewhere")
    start = max(len(header) + 1, size - TAIL_BYTES)
    tail = os.pread(number, TAIL_BYTES, start)
    if start > len(header) + 1:
        tail = tail.partition(b"\n")[2]
    *lines, half = tail.split(b"\n")
    if half:
        raise ValueError("half a line")
    words: dict[int, tuple[str, int]] = {}
    for line in lines:
        word, *numbers = line.decode("ascii").split(" ")
        if word == "r":
            pk, code = map(int, numbers)
            words[pk] = (word, code)
        elif word in ("m", "d"):
            words.update((int(pk), (word, 0)) for pk in numbers)
        else:
            raise ValueError("no word of ours")
    return UUID(about["owner"]), words


def _forget(path: Path, number: int) -> None:
    """A file that nobody will ever believe again."""
    if time.time() - os.fstat(number).st_mtime > FORGOTTEN_SECONDS:
        path.unlink(missing_ok=True)
