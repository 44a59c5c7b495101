"""How modes are changed and observed: part of the schema, under the same rules.

Projects keep copies of playbooks, so a field added here needs a default, and none is renamed.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

IdentityFact: TypeAlias = Annotated[
    Literal["object_id", "sip_address", "upn"], "a fact that names a person"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """How an export of the product tells who is in which mode; header names, best first.

    ``identity`` are columns that name a person, ``mode`` columns that name the mode. The results
    of a script say in one of ``result`` whether a grant was taken: with a word of ``granted_as``.
    ``how`` tells people how to make the export. An export of how far meetings are converted says so
    in one of ``meetings``, with a word of ``converted_as`` or ``unconverted_as`` at the end of it.
    """

    identity: tuple[str, ...]
    mode: tuple[str, ...]
    result: tuple[str, ...] = ()
    granted_as: tuple[str, ...] = ()
    how: str | None = None
    meetings: tuple[str, ...] = ()
    converted_as: tuple[str, ...] = ()
    unconverted_as: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """A script for an administrator; ``<<placeholders>>`` in ``text`` become literals."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ModeMethod:
    """A way to change people's modes: ``scripts`` (keys) for every ``people_per_file`` people.

    ``identity`` are the facts of a person the product takes as a name, best first.
    """

    key: str
    title: str
    summary: str
    people_per_file: int
    identity: tuple[IdentityFact, ...]
    scripts: tuple[str, ...]
