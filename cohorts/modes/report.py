"""What a report of modes showed."""

from dataclasses import dataclass
from typing import Any

from cohorts.modes.reading import MEETINGS, MODES


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """``rows == verified + drift + pending + unknown + failed + repeated``.

    ``failed`` are grants that the results of a script say were refused, ``repeated`` further rows
    of a person who stood in the file before. ``kind`` says what the file told: of the states of
    meetings, ``verified`` are those that are converted, ``failed`` those that cannot be.
    """

    rows: int
    verified: int
    drift: int
    pending: int
    unknown: int
    failed: int = 0
    repeated: int = 0
    sha256: str = ""
    kind: str = MODES

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: what seldom happens only where it did."""
        result = {
            "rows": self.rows,
            "verified": self.verified,
            "drift": self.drift,
            "pending": self.pending,
            "unknown": self.unknown,
        }
        more = {"failed": self.failed, "repeated": self.repeated}
        kind = {"kind": self.kind} if self.kind == MEETINGS else {}
        return result | {name: count for name, count in more.items() if count} | kind
