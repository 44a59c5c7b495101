"""A roster as the stream that COPY reads, with what was rejected and warned about on the way."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from cohorts.exceptions import RosterError
from cohorts.roster.reading import RosterReader
from cohorts.roster.report import Rejected, RowWarning
from cohorts.roster.validation import RowCheck, RowFault, keys_in
from common.exceptions import DomainError

ROWS_A_CHUNK = 1000
# A file with more bad rows than this is the wrong file, and a longer list helps nobody.
MOST_REJECTED = 100_000
MOST_WARNINGS = 1_000


class RosterCopy:
    """``read()`` for psycopg2's copy_expert; ``error`` is what ended the reading early.

    The error is kept instead of raised, because psycopg2 would turn it into one of its own.
    ``progress`` is told the rows read so far now and then, and may raise a DomainError. Of a file
    that ``is_whole``, ``mentioned`` are the people named in rows that were rejected.
    """

    def __init__(
        self,
        reader: RosterReader,
        progress: Callable[[int], None] | None = None,
        *,
        is_whole: bool = False,
    ) -> None:
        self.rejected: list[Rejected] = []
        self.warnings: list[RowWarning] = []
        self.warned = 0
        self.rows = 0
        self.error: DomainError | None = None
        self._rows = iter(reader)
        self._progress = progress
        self.is_whole = is_whole
        self.mentioned: set[str] = set()
        self.fields = tuple(reader.columns)
        self.further = tuple(reader.matched.further)
        self._check = RowCheck(
            reader.columns, len(reader.header), self._warn, reader.matched.further
        )
        if reader.matched.is_crowded:
            self._warn(
                1, _("Too many further columns to keep without asking; choose those you need.")
            )

    def read(self, _size: int = -1) -> str:
        """The next accepted rows, or an empty string at the end or after an error."""
        if self.error:
            return ""
        try:
            return "".join(self._chunk())
        except DomainError as error:
            self.error = error
            return ""

    def _chunk(self) -> list[str]:
        taken: list[str] = []
        if self._progress:
            self._progress(self.rows)
        for line, cells in self._rows:
            self.rows += 1
            try:
                taken.append(self._check(line, cells))
            except RowFault as fault:
                self._reject(line, str(fault))
                if self.is_whole:
                    self.mentioned.update(keys_in(cells))
                continue
            if len(taken) == ROWS_A_CHUNK:
                break
        return taken

    def _reject(self, line: int, reason: str) -> None:
        if len(self.rejected) >= MOST_REJECTED:
            raise RosterError(
                _("More than 100,000 rows are bad; the last in line %(line)s: %(reason)s")
                % {"line": line, "reason": reason}
            )
        self.rejected.append(Rejected(line, reason))

    def _warn(self, line: int, reason: str) -> None:
        self.warned += 1
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(RowWarning(line, reason))
