"""The texts of one revision of a message: its own, further languages, and the short ones. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from communications.languages import OWN, choose
from playbooks.placeholders import names_in


@dataclass(frozen=True, slots=True)
class Text:
    """``language`` is the tag of a variant, OWN for the message's own text."""

    subject: str
    body: str
    language: str = OWN
    is_short: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The placeholders it holds."""
        return frozenset(names_in(f"{self.subject}\n{self.body}"))


@dataclass(frozen=True)
class Texts:
    """``further`` and ``further_short`` by language; ``short`` is None where there is none."""

    own_language: str
    own: Text
    short: Text | None = None
    further: Mapping[str, Text] = field(default_factory=dict)
    further_short: Mapping[str, Text] = field(default_factory=dict)

    def text_for(self, reader: str, *, is_short: bool = False) -> Text:
        """What somebody gets who reads the language ``reader``.

        Where a language has no short text, those who join late get the message's own short text.
        """
        if is_short and self.short is not None:
            found = choose(reader, self.further_short, self.own_language)
            return self.further_short.get(found, self.short)
        return self.further.get(choose(reader, self.further, self.own_language), self.own)

    @property
    def everything(self) -> tuple[Text, ...]:
        short = (self.short,) if self.short is not None else ()
        return self.own, *self.further.values(), *short, *self.further_short.values()

    @cached_property
    def names(self) -> frozenset[str]:
        """The placeholders of all of them."""
        return frozenset().union(*(text.names for text in self.everything))


def texts(
    own_language: str,
    *,
    subject: str,
    body: str,
    short_subject: str,
    short_body: str,
    further: Iterable[Mapping[str, str]],
) -> Texts:
    """From columns; each of ``further`` has "language" and the same four."""
    rows = {row["language"]: row for row in further}
    return Texts(
        own_language=own_language,
        own=Text(subject, body),
        short=Text(short_subject, short_body, is_short=True) if short_body else None,
        further={key: Text(row["subject"], row["body"], key) for key, row in rows.items()},
        further_short={
            key: Text(row["short_subject"], row["short_body"], key, is_short=True)
            for key, row in rows.items()
            if row["short_body"]
        },
    )
