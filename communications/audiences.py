"""Port: who gets a message. Rooms to the right register their kinds from AppConfig.ready().

One query of an audience serves count, preview, approval, expansion and export.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from django.db.models import QuerySet

if TYPE_CHECKING:
    from accounts.models import User
    from cohorts.models import Participant
    from communications.models import Occurrence
    from projects.models import Stakeholder


@dataclass(frozen=True, slots=True)
class Recipient:
    """One row of people(): who it is and where mail goes now."""

    key: str  # "p:17" or "s:4"
    pk: int
    name: str
    address: str


class Audience(Protocol):
    """People and what only this room can say to them."""

    def people(
        self, occurrence: "Occurrence", at: datetime
    ) -> "QuerySet[Participant] | QuerySet[Stakeholder]":
        """Participants or stakeholders, as one unordered query; an empty rule means nobody."""

    def prepare(self, occurrence: "Occurrence", at: datetime, acting_user: "User | None") -> None:
        """Called once before expansion, in its transaction (surveys open and invite here)."""

    def values(
        self, occurrence: "Occurrence", recipient_pks: Sequence[int]
    ) -> Mapping[int, Mapping[str, str]]:
        """{recipient pk: {placeholder: text}} for a claimed batch, in a fixed number of queries."""

    def sample_values(self, occurrence: "Occurrence", recipient_pk: int) -> Mapping[str, str]:
        """The same placeholders for a preview, without writing anything and without a live link."""


_registry: dict[str, Audience] = {}


def register(kind: str, audience: Audience) -> None:
    if kind in _registry:
        raise ValueError(f"audience {kind!r} is registered twice")
    _registry[kind] = audience


def get(kind: str) -> Audience:
    """Raises KeyError for a kind nobody registered; messages are validated against kinds()."""
    return _registry[kind]


def kinds() -> frozenset[str]:
    return frozenset(_registry)
