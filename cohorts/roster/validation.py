"""One row: accepted as the line COPY takes, or rejected with a reason.

The usual row is told from the odd one by two questions the interpreter answers in C: is all of it
printable, is nothing too long. Only odd rows are looked at cell by cell.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from operator import gt, itemgetter

from django.utils.translation import gettext as _

from cohorts.roster.addresses import AddressFault, key_of
from cohorts.roster.columns import EXPORT_NAMES, LIMITS
from cohorts.roster.zones import zone_called

CONTROL = re.compile("[\x01-\x1f\x7f-\x9f\u2028\u2029]+")
LONGEST_FURTHER = 256
NULL = "\\N"  # COPY's own word for "not said"
ENDS = " \t\r\n\x0b\x0c\u00a0\u200b\u2060\ufeff"  # what sticks to an address when it is pasted


class RowFault(ValueError):
    """The row cannot be taken; the text says why."""


class RowCheck:
    """Calls ``check(line, cells)`` for every row of a file with these columns.

    ``fields`` are the staged columns behind the key, with ``further`` columns one more that holds
    them as JSON; ``warn(line, reason)`` is told what was odd in a row that was taken.
    """

    def __init__(
        self,
        columns: Mapping[str, int],
        width: int,
        warn: Callable[[int, str], None],
        further: Mapping[str, int] | None = None,
    ) -> None:
        self.fields = tuple(columns)
        self._limits = tuple(LIMITS[field] for field in self.fields)
        self._width = width
        self._warn = warn
        places = list(columns.values())
        # With one place itemgetter returns a bare value, so it is asked for the same one twice.
        self._pick = itemgetter(*places) if len(places) > 1 else itemgetter(*places * 2)
        self._further = dict(further or {})
        self._upn, self._mail, self._name, self._sip, self._zone = (
            self.fields.index(field) if field in columns else None
            for field in ("upn", "mail", "display_name", "sip_address", "timezone")
        )

    def __call__(self, line: int, cells: Sequence[str]) -> str:
        """The row as one line of COPY's text format. Raises RowFault."""
        if len(cells) != self._width:
            cells = self._fitted(cells)
        values = list(map(str.strip, self._pick(cells)[: len(self.fields)]))
        if not "".join(cells).isprintable():
            values = self._cleaned(line, cells)
        if any(map(gt, map(len, values), self._limits)):
            self._refuse_long(values)
        key = self._key(values)
        if self._sip is not None and values[self._sip]:
            self._compare_sip(line, values)
        not_said = self._not_said(line, values)
        if not_said:
            text = "\t".join(
                NULL if place in not_said else _escaped(value) for place, value in enumerate(values)
            )
        else:
            text = "\t".join(values)
            if "\\" in text:
                text = text.replace("\\", "\\\\")
        if self._further:
            text += "\t" + self._as_json(line, cells)
        return f"{line}\t{key}\t{text}\n"

    def _not_said(self, line: int, values: list[str]) -> tuple[int, ...]:
        """Places that change nothing: an empty name, a zone nobody knows.

        A new person without a name is called by the address.
        """
        places: tuple[int, ...] = ()
        if self._name is not None and not values[self._name]:
            places = (self._name,)
        if self._zone is not None and values[self._zone]:
            zone = zone_called(values[self._zone])
            if zone:
                values[self._zone] = zone
            else:
                self._warn(line, _("There is no time zone of this name; it was left out."))
                places = (*places, self._zone)
        return places

    def _compare_sip(self, line: int, values: list[str]) -> None:
        sip = values[self._sip or 0].casefold().removeprefix("sip:")
        if self._upn is not None and values[self._upn] and values[self._upn].casefold() != sip:
            self._warn(line, _("The SIP address is another than the UPN."))

    def _as_json(self, line: int, cells: Sequence[str]) -> str:
        """The further columns that say something, as COPY takes them."""
        found = {}
        for name, place in self._further.items():
            text = cells[place].strip()
            if not text.isprintable():
                text = CONTROL.sub(" ", text).strip()
            if len(text) > LONGEST_FURTHER:
                text = text[:LONGEST_FURTHER]
                self._warn(line, _("A further column was cut to 256 characters."))
            if text:
                found[name] = text
        return _escaped(json.dumps(found, ensure_ascii=False))

    def _key(self, values: list[str]) -> str:
        """The identity key: the UPN's, else the mail's. Both must be addresses where given."""
        upn = values[self._upn] if self._upn is not None else ""
        mail = values[self._mail] if self._mail is not None else ""
        try:
            key = key_of(upn) if upn else ""
        except AddressFault as fault:
            raise RowFault(f"{EXPORT_NAMES['upn']}: {fault}") from fault
        if not mail or mail == upn:
            if not key:
                raise RowFault(_("There is neither a UPN nor a mail address."))
            return key
        try:
            mail_key = key_of(mail)
        except AddressFault as fault:
            raise RowFault(f"{EXPORT_NAMES['mail']}: {fault}") from fault
        return key or mail_key

    def _fitted(self, cells: Sequence[str]) -> list[str]:
        missing = self._width - len(cells)
        if missing > 0:
            return [*cells, *[""] * missing]
        if any(map(str.strip, cells[self._width :])):
            raise RowFault(
                _(
                    "There are %(cells)s cells under %(columns)s columns. A cell with a separator"
                    " in it needs quotation marks."
                )
                % {"cells": len(cells), "columns": self._width}
            )
        return list(cells[: self._width])

    def _cleaned(self, line: int, cells: Sequence[str]) -> list[str]:
        if any("\0" in cell for cell in cells):
            raise RowFault(_("There is a NUL character in this row."))
        cleaned = []
        for field, cell in zip(self.fields, self._pick(cells), strict=False):
            if field in ("upn", "mail"):
                cleaned.append(cell.strip(ENDS))
                continue
            text, runs = CONTROL.subn(" ", cell)
            if runs:
                column = EXPORT_NAMES[field]
                self._warn(
                    line,
                    _("%(column)s: control characters became a space.") % {"column": column},
                )
            cleaned.append(text.strip())
        return cleaned

    def _refuse_long(self, values: list[str]) -> None:
        for field, value, limit in zip(self.fields, values, self._limits, strict=True):
            if len(value) > limit:
                raise RowFault(
                    _("%(column)s is longer than %(limit)s characters.")
                    % {"column": EXPORT_NAMES[field], "limit": limit}
                )


def keys_in(cells: Sequence[str]) -> set[str]:
    """Every identity key that a row could mean: nobody has left who is named in a bad row."""
    keys = set()
    for cell in cells:
        if "@" in cell:
            with suppress(AddressFault):
                keys.add(key_of(cell.strip(ENDS)))
    return keys


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\") if "\\" in text else text
