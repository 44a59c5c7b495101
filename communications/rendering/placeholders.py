"""Which names a text may hold in braces, and how they are kept apart from the text around them.

Before Markdown sees a text, each {name} is hidden behind a word that no markup changes; afterwards
the result is split at these words. So a person's name is never read as Markdown or HTML.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from playbooks.placeholders import (
    COHORT_PLACEHOLDERS,
    PARTICIPANT_PLACEHOLDERS,
    PERSON_PLACEHOLDERS,
    PLACEHOLDER,
    PLACEHOLDERS,
    names_in,
    unknown_names,
)

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value goes. ``is_address`` is an attribute of a tag, the rest is running text."""

    name: str
    is_address: bool = False


def is_link(name: str) -> bool:
    """Placeholders whose value is a web address of ours."""
    return name.endswith("_link")


def allowed_names(
    *, has_cohort: bool, has_more: bool, is_for_participants: bool = False
) -> frozenset[str]:
    """The names that have a value: for a cohort, for an audience that brings its own, and for
    people who are to be upgraded."""
    names = PERSON_PLACEHOLDERS
    if has_cohort:
        names |= COHORT_PLACEHOLDERS
    if is_for_participants:
        names |= PARTICIPANT_PLACEHOLDERS
    if has_more:
        names |= PLACEHOLDERS - COHORT_PLACEHOLDERS - PARTICIPANT_PLACEHOLDERS
    return names


def problems(subject: str, body: str, allowed: frozenset[str]) -> tuple[str, ...]:
    """Sentences that say why the text cannot be kept; empty when it can."""
    found = []
    if CONTROL.search(subject):
        found.append(_("The subject is one line: take out line breaks and control characters."))
    if not subject.strip() or not body.strip():
        found.append(_("A message needs a subject and a text."))
    unknown = dict.fromkeys(unknown_names(f"{subject}\n{body}", allowed))
    found.extend(
        _("{%(name)s} has no value in this message. You can use: %(names)s.")
        % {"name": name, "names": ", ".join(f"{{{n}}}" for n in sorted(allowed))}
        for name in unknown
    )
    return tuple(found)


class Hidden:
    """Texts whose placeholders stand behind words of letters and digits that neither they nor what
    is written ``besides`` them holds."""

    def __init__(self, *texts: str, besides: Iterable[str] = ()) -> None:
        whole = "\n".join((*texts, *besides)).lower()
        number = next(n for n in range(len(whole) + 1) if f"zq{n}x" not in whole)
        self.names = tuple(dict.fromkeys(name for text in texts for name in names_in(text)))
        self._start = f"zq{number}x"
        self.word = re.compile(rf"{self._start}(\d+)z")

    def hide(self, text: str) -> str:
        return PLACEHOLDER.sub(lambda m: f"{self._start}{self.names.index(m[1])}z", text)

    def name_of(self, match: re.Match[str]) -> str:
        return self.names[int(match[1])]

    def split(self, text: str) -> tuple[str | Slot, ...]:
        """``text`` in pieces: what is fixed, and the slots between."""
        pieces: list[str | Slot] = []
        end = 0
        for match in self.word.finditer(text):
            before = text[end : match.start()]
            if before:
                pieces.append(before)
            # Our HTML holds no ">" inside a tag's attributes, so the nearest bracket tells.
            inside = text.rfind("<", 0, match.start()) > text.rfind(">", 0, match.start())
            pieces.append(Slot(self.name_of(match), is_address=inside))
            end = match.end()
        if text[end:]:
            pieces.append(text[end:])
        return tuple(pieces)


def clean(value: str) -> str:
    """A value is one line: each run of control characters becomes one space."""
    return value if value.isprintable() else CONTROL.sub(" ", value)
