"""What an import did, or would do."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from common.exceptions import DomainError


@dataclass(frozen=True, slots=True, order=True)
class Rejected:
    """A row that was not written. ``line`` is where it begins in the file; the header is line 1."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class RowWarning:
    """A row that was written, but not quite as it stood in the file."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one fact; ``field`` is ours, or the name of a further column."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One person of a preview; ``outcome`` is "created", "updated", "unchanged" or "left".

    Who has left stands in no line: it is 0.
    """

    line: int
    name: str
    address: str
    outcome: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """``rows == created + updated + unchanged + len(rejected)``.

    Of the updated ones ``moved`` came out of another cohort and ``returned`` had left before.
    ``stayed`` people are in a cohort that has switched, so they were not put into another.
    ``lacking`` places stop it all.
    ``left`` people are not in the file of a whole organisation, out of ``active`` before; it is
    None for any other file. ``warned`` counts every warning, ``warnings`` holds the first.
    """

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: tuple[Rejected, ...] = ()
    warnings: tuple[RowWarning, ...] = ()
    moved: int = 0
    returned: int = 0
    stayed: int = 0
    left: int | None = None
    active: int = 0
    lacking: int = 0
    warned: int = 0
    samples: tuple[Sample, ...] = ()
    sha256: str = ""

    @property
    def writes(self) -> int:
        """How many people would not be as they were."""
        return self.created + self.updated + (self.left or 0)

    @property
    def asks_for_leavers(self) -> bool:
        """More than a fifth would leave: their number has to be given."""
        return bool(self.left) and 5 * (self.left or 0) > self.active

    @property
    def digest(self) -> str:
        """Differs as soon as an import would do something else than a preview said."""
        figures = (self.rows, self.created, self.updated, self.unchanged, len(self.rejected))
        more = (self.moved, self.returned, self.stayed, self.left, self.sha256)
        return hashlib.sha256(repr((figures, more)).encode()).hexdigest()[:16]

    def as_stored(self) -> dict[str, Any]:
        """For a JSON column; ``from_stored`` makes the same report of it again."""
        return asdict(self)

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> "ImportReport":
        lists = {
            "rejected": tuple(Rejected(**row) for row in stored["rejected"]),
            "warnings": tuple(RowWarning(**row) for row in stored["warnings"]),
            "samples": tuple(map(_sample, stored["samples"])),
        }
        return cls(**{**stored, **lists})

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: warnings and people who left only where there can be any."""
        result: dict[str, Any] = {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": [{"line": row.line, "reason": row.reason} for row in self.rejected],
        }
        if self.left is not None:
            result["left"] = self.left
        if self.warnings:
            result["warnings"] = [{"line": w.line, "reason": w.reason} for w in self.warnings]
        return result


def _sample(row: dict[str, Any]) -> Sample:
    return Sample(**{**row, "changes": tuple(Change(**change) for change in row["changes"])})


class RosterRefused(DomainError):
    """A strict import met bad rows and wrote nothing; ``report`` lists them."""

    def __init__(self, sentence: str, report: ImportReport) -> None:
        super().__init__(sentence)
        self.report = report
