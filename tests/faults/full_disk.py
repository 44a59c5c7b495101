"""A disk that is full for one PostgreSQL, without a disk of its own: its files cannot grow.

The server ignores the signal that comes with it and is told "file too large" as it would be told
"no space left"; what fits into its files is still written. Segments of its log have 16 MiB from
the start, so the limit is never lower.
"""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.processes import started

LEAST = 16 * 1024 * 1024


@contextmanager
def full(postmaster: int, size: int) -> Iterator[None]:
    """No file of the server grows beyond ``size`` bytes; new sessions inherit that."""
    _limit(postmaster, max(size, LEAST))
    try:
        yield
    finally:
        _limit(postmaster, resource.RLIM_INFINITY)


def _limit(postmaster: int, size: int) -> None:
    """As the account that the server runs under: without it even root may need a privilege."""
    owner = Path(f"/proc/{postmaster}").stat()
    if owner.st_uid == os.geteuid():
        _apply(postmaster, size)
        return
    process = started(_become_and_apply, owner.st_uid, owner.st_gid, postmaster, size)
    process.join(10)
    assert process.exitcode == 0


def _become_and_apply(user: int, group: int, postmaster: int, size: int) -> None:
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    _apply(postmaster, size)


def _apply(postmaster: int, size: int) -> None:
    """The postmaster first: whoever is started meanwhile is among its children already."""
    for pid in (postmaster, *_children(postmaster)):
        try:
            _soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
        except ProcessLookupError:
            continue


def _children(postmaster: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            stat = (entry / "stat").read_text() if entry.name.isdigit() else ""
        except OSError:
            continue
        if stat and int(stat.rpartition(")")[2].split()[1]) == postmaster:
            found.append(int(entry.name))
    return found
