"""An export of modes, or the results of a script, as the stream that COPY reads.

Which headers name a person and which a mode comes from the playbook. Any bad row refuses the file:
a report that is half read would show drift where there is none.
"""

import re
from collections.abc import Mapping
from typing import BinaryIO

from django.utils.translation import gettext as _

from cohorts.exceptions import RosterError
from cohorts.roster.addresses import AddressFault, key_of
from cohorts.roster.columns import folded
from cohorts.roster.reading import RosterReader
from playbooks.modes import Observation

ROWS_A_CHUNK = 1000
LONGEST_MODE = 80
LONGEST_ADDRESS = 320
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
MODES, RESULTS, MEETINGS = KINDS = ("mode", "result", "meetings")
NULL = "\\N"  # COPY's own word for "not said"


class ObservationReader(RosterReader):
    """``columns``: "0", "1", … for the playbook's identity columns, "mode", "result" and
    "meetings"; the first of the three that is there says what the file tells."""

    def __init__(self, stream: BinaryIO, observation: Observation) -> None:
        self._observation = observation
        self.names = {
            **{str(at): (folded(name),) for at, name in enumerate(observation.identity)},
            "mode": tuple(map(folded, observation.mode)),
            "result": tuple(map(folded, observation.result)),
            "meetings": tuple(map(folded, observation.meetings)),
        }
        super().__init__(stream)

    @property
    def kind(self) -> str:
        """MODES: where people are; RESULTS: what became of a script; MEETINGS: of meetings."""
        return next((kind for kind in KINDS if kind in self.columns), "")

    def missing(self) -> str:
        if not any(field.isdecimal() for field in self.columns):
            return _("The header names no people: it needs a column “%(name)s”.") % {
                "name": self._observation.identity[0]
            }
        if not self.kind:
            return _("The header has no column “%(name)s”, so the file shows no modes.") % {
                "name": self._observation.mode[0]
            }
        return ""


class ObservationCopy:
    """``read()`` for psycopg2's copy_expert; ``error`` is what ended the reading early.

    Each line holds the row's line, its mode, its result, and the addresses of ``places``.
    """

    def __init__(self, reader: ObservationReader, modes: Mapping[str, str]) -> None:
        self.error: RosterError | None = None
        self.places = [field for field in reader.columns if field.isdecimal()]
        self._columns = reader.columns
        self._told_in = MEETINGS if reader.kind == MEETINGS else RESULTS
        self._width = len(reader.header)
        self._modes = modes
        self._rows = iter(reader)

    def read(self, _size: int = -1) -> str:
        """The next rows, or an empty string at the end or after an error."""
        if self.error:
            return ""
        taken: list[str] = []
        try:
            for line, cells in self._rows:
                taken.append(self._row(line, cells))
                if len(taken) == ROWS_A_CHUNK:
                    break
        except RosterError as error:
            self.error = error
            return ""
        return "".join(taken)

    def _row(self, line: int, cells: list[str]) -> str:
        if any(map(str.strip, cells[self._width :])) or any("\0" in cell for cell in cells):
            raise RosterError(
                _("Line %(line)s does not fit the header. Make the export again.") % {"line": line}
            )
        cells = [*cells, *[""] * (self._width - len(cells))]
        addresses = [known_as(cells[self._columns[place]]) or NULL for place in self.places]
        parts = [str(line), self._mode(cells)]
        parts += [self._word(cells, self._told_in), *addresses]
        return "\t".join(parts) + "\n"

    def _mode(self, cells: list[str]) -> str:
        word = self._word(cells, "mode")
        return self._modes.get(folded(word), word) if word else ""

    def _word(self, cells: list[str], field: str) -> str:
        if field not in self._columns:
            return ""
        text = CONTROL.sub(" ", cells[self._columns[field]]).strip()[:LONGEST_MODE]
        return text.replace("\\", "\\\\")


def known_as(text: str) -> str:
    """An address or id as people are matched by: without "sip:", as an identity key if it is one.

    Empty for what can name nobody.
    """
    text = text.strip()
    if text[:4].casefold() == "sip:":
        text = text[4:]
    if len(text) > LONGEST_ADDRESS or not text.isprintable():
        return ""
    try:
        key = key_of(text)
    except AddressFault:
        key = text.casefold()
    return key.replace("\\", "\\\\")
