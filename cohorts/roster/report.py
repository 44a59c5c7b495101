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
class Sample:
    """One row of a preview; ``outcome`` is "created", "updated" or "unchanged"."""

    line: int
    name: str
    address: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """``rows == created + updated + unchanged + len(rejected)``.

    Of the updated ones ``moved`` came out of another cohort and ``returned`` had left before.
    ``stayed`` people are in a cohort that has switched, so they were not put into another.
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
    samples: tuple[Sample, ...] = ()
    sha256: str = ""

    @property
    def digest(self) -> str:
        """Differs as soon as an import would do something else than a preview said."""
        figures = (self.rows, self.created, self.updated, self.unchanged, len(self.rejected))
        more = (self.moved, self.returned, self.stayed, self.sha256)
        return hashlib.sha256(repr((figures, more)).encode()).hexdigest()[:16]

    def as_stored(self) -> dict[str, Any]:
        """For a JSON column; ``from_stored`` makes the same report of it again."""
        return asdict(self)

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> "ImportReport":
        lists = {
            "rejected": tuple(Rejected(**row) for row in stored["rejected"]),
            "warnings": tuple(RowWarning(**row) for row in stored["warnings"]),
            "samples": tuple(Sample(**row) for row in stored["samples"]),
        }
        return cls(**{**stored, **lists})

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: the warnings only where there are any."""
        result: dict[str, Any] = {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": [{"line": row.line, "reason": row.reason} for row in self.rejected],
        }
        if self.warnings:
            result["warnings"] = [{"line": w.line, "reason": w.reason} for w in self.warnings]
        return result


class RosterRefused(DomainError):
    """A strict import met bad rows and wrote nothing; ``report`` lists them."""

    def __init__(self, sentence: str, report: ImportReport) -> None:
        super().__init__(sentence)
        self.report = report
