"""Port: who gets a message, and what other rooms can say to them in it.

Rooms to the right register from AppConfig.ready(): kinds of audiences, and placeholders that have a
value for every participant, whatever the audience. One query of an audience serves count, preview,
approval, expansion and export.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from django.db.models import QuerySet

from common.addresses import in_words

if TYPE_CHECKING:
    from accounts.models import User
    from cohorts.models import Participant
    from communications.models import Occurrence, TeamsChannel
    from projects.models import Stakeholder


class Recipient(NamedTuple):
    """One row of people(): who it is and where mail goes now."""

    key: str  # "p:17", "s:4" or "c:1"
    pk: int
    name: str
    address: str
    zone: str = ""  # where they are; empty where nobody said
    language: str = ""  # as their roster says it; empty where it does not

    @property
    def in_words(self) -> str:
        return in_words(self.name, self.address)


def is_participant(recipient: Recipient) -> bool:
    return recipient.key.startswith("p:")


class Audience(Protocol):
    """People and what only this room can say to them."""

    def people(
        self, occurrence: "Occurrence", at: datetime
    ) -> "QuerySet[Participant] | QuerySet[Stakeholder] | QuerySet[TeamsChannel]":
        """Participants, stakeholders or channels, as one unordered query; an empty rule means
        nobody."""

    def prepare(self, occurrence: "Occurrence", at: datetime, acting_user: "User | None") -> None:
        """Called once before expansion, in its transaction (surveys open and invite here)."""

    def too_soon(
        self, occurrence: "Occurrence", recipient_pks: Sequence[int], at: datetime
    ) -> Mapping[int, str]:
        """{recipient pk: why they are left out of it now}, in a fixed number of queries. Asked with
        each claim; a sentence that begins small, for the ledger."""

    def values(
        self, occurrence: "Occurrence", recipient_pks: Sequence[int]
    ) -> Mapping[int, Mapping[str, str]]:
        """{recipient pk: {placeholder: text}} for a claimed batch, in a fixed number of queries."""

    def sample_values(self, occurrence: "Occurrence", recipient_pk: int) -> Mapping[str, str]:
        """The same placeholders for a preview, without writing anything and without a live link."""


class Personal(Protocol):
    """What one placeholder says to each participant."""

    def values(self, participant_pks: Sequence[int]) -> Mapping[int, str]:
        """{participant pk: text} for a claimed batch, in a fixed number of queries."""

    def sample(self, participant_pk: int) -> str:
        """The same for a preview, without a live link."""


_registry: dict[str, Audience] = {}
_personal: dict[str, Personal] = {}


def register(kind: str, audience: Audience) -> None:
    if kind in _registry:
        raise ValueError(f"audience {kind!r} is registered twice")
    _registry[kind] = audience


def get(kind: str) -> Audience:
    """Raises KeyError for a kind nobody registered; messages are validated against kinds()."""
    return _registry[kind]


def kinds() -> frozenset[str]:
    return frozenset(_registry)


def register_personal(placeholder: str, personal: Personal) -> None:
    if placeholder in _personal:
        raise ValueError(f"placeholder {placeholder!r} is registered twice")
    _personal[placeholder] = personal


def personal() -> Mapping[str, Personal]:
    """{placeholder: what says it}."""
    return _personal
