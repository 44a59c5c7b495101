"""Texts of people and playbooks as PowerShell. Pure.

Every value becomes one single-quoted literal, in which PowerShell expands nothing. It takes four
typographic signs for the apostrophe too, so all of them are doubled.
"""

import re
from collections.abc import Iterable, Mapping

from playbooks.placeholders import SCRIPT_PLACEHOLDER

QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")
# Line breaks, other control characters, and the signs that turn the direction of what is read.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
BOM = "\ufeff"  # without it older shells read another encoding, in which letters become quotes


def literal(value: str) -> str:
    """``value`` as one literal; what cannot be seen in it becomes a space."""
    return "'" + QUOTES.sub(r"\g<0>\g<0>", UNSEEN.sub(" ", value)) + "'"


def is_plain(value: str) -> bool:
    """Whether ``literal`` hands ``value`` on as it is."""
    return UNSEEN.search(value) is None


def rows(records: Iterable[Mapping[str, str]]) -> str:
    """One hash table a line, to stand inside ``@( )``. The names are ours."""
    return "\n".join(
        "    @{ " + "; ".join(f"{name} = {literal(value)}" for name, value in record.items()) + " }"
        for record in records
    )


def fill(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its ``<<placeholders>>`` replaced, in one pass: values are not looked at."""
    return SCRIPT_PLACEHOLDER.sub(lambda match: values[match[1]], text)


def encoded(text: str) -> bytes:
    """The bytes of a script file: UTF-8 that says so, with the line ends of its world."""
    return (BOM + text.rstrip("\n") + "\n").replace("\n", "\r\n").encode()
