"""A roster's rows: a table in which a column names the people.

Refuses a header from which nobody could tell who is meant.
"""

from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _

from cohorts.exceptions import RosterError
from cohorts.roster.columns import (
    EXPORT_NAMES,
    KEY_FIELDS,
    NAMES,
    Choices,
    Names,
    clashing_field,
    found_columns,
    matched_columns,
    repeated_columns,
)
from cohorts.tables.opening import open_table


class RosterReader:
    """Iterates over ``(line, cells)``; blank rows are left out, the header is not a row.

    ``columns`` maps our fields to positions in ``header``, ``matched`` tells of the other columns
    as well; ``chosen`` is what somebody said that columns are to be taken as. Raises RosterError on
    construction or while iterating; ``sha256`` holds once everything is read. Files of another
    shape have their own ``names`` and say what is ``missing``.
    """

    names: Names = NAMES

    def __init__(self, stream: BinaryIO, chosen: Choices | None = None) -> None:
        self._chosen = chosen or {}
        self._table = open_table(stream, lambda header: len(found_columns(header, self.names)))
        self.header = self._table.header
        self.matched = matched_columns(self.header, self._chosen, self.names)
        self.columns = self.matched.fields
        self._refuse_header()

    @property
    def sha256(self) -> str:
        return self._table.sha256

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return iter(self._table)

    def missing(self) -> str:
        """The sentence that refuses a header without the columns needed; empty if all are there."""
        if any(field in self.columns for field in KEY_FIELDS):
            return ""
        return _("The header has no column “userPrincipalName” (or “upn”) and none called “mail”.")

    def _refuse_header(self) -> None:
        if repeated := repeated_columns(self.header, self.names):
            raise RosterError(
                _("The column “%(name)s” stands twice in the header. Delete one of the two.")
                % {"name": repeated[0]}
            )
        if field := clashing_field(self.header, self._chosen):
            raise RosterError(
                _("Two columns are to be taken as %(field)s. Choose one of them.")
                % {"field": EXPORT_NAMES.get(field, field)}
            )
        if sentence := self.missing():
            raise RosterError(sentence)
