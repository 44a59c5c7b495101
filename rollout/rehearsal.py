"""What a rehearsal has seen, as plain values: mails, what moved, what to look at. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from communications.enums import DeliveryState

MOST_DAYS = 60
MOST_MAILS = 20_000  # of a rehearsal in the browser; a command may take its time
NAMED = 3  # people of a sending that are named


@dataclass(frozen=True, slots=True)
class RehearsedMail:
    """One mail as it would have gone out at ``at``, or would not, with the reason."""

    at: datetime
    message: str
    cohort: str
    name: str
    address: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class RehearsedMove:
    """Something that would have moved by itself: a sentence of the project's record."""

    at: datetime
    sentence: str


@dataclass(slots=True, kw_only=True)
class Sending:
    """One sending at one moment: mails by state, why some did not leave, a few of the people."""

    at: datetime
    title: str
    cohort: str
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    people: list[str] = field(default_factory=list)

    @property
    def why_not(self) -> tuple[tuple[str, int], ...]:
        """(reason, mails), the most frequent first."""
        return tuple(self.reasons.most_common())

    @property
    def sent(self) -> int:
        return self.states[DeliveryState.SENT]

    @property
    def not_sent(self) -> int:
        return self.states.total() - self.sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """``is_whole`` is False where there were more mails than anybody wanted to wait for."""

    starts_at: datetime
    ends_at: datetime
    sendings: tuple[Sending, ...]
    moves: tuple[RehearsedMove, ...]
    conflicts: tuple[str, ...]
    is_whole: bool

    @property
    def mails(self) -> int:
        return sum(sending.sent for sending in self.sendings)

    def as_json(self) -> Mapping[str, object]:
        return {
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "mails": self.mails,
            "sendings": [
                {
                    "at": sending.at,
                    "message": sending.title,
                    "cohort": sending.cohort,
                    "states": dict(sending.states),
                    "reasons": dict(sending.reasons),
                    "people": sending.people,
                }
                for sending in self.sendings
            ],
            "moves": [{"at": move.at, "sentence": move.sentence} for move in self.moves],
            "conflicts": list(self.conflicts),
            "is_whole": self.is_whole,
        }


def summed(mails: Iterable[RehearsedMail]) -> tuple[Sending, ...]:
    """Mails of the same message and cohort at the same moment are one sending."""
    found: dict[tuple[datetime, str, str], Sending] = {}
    for mail in mails:
        key = (mail.at, mail.message, mail.cohort)
        sending = found.setdefault(key, Sending(at=mail.at, title=mail.message, cohort=mail.cohort))
        sending.states[mail.state] += 1
        if mail.reason:
            sending.reasons[mail.reason] += 1
        if len(sending.people) < NAMED:
            sending.people.append(mail.name)
    return tuple(found.values())
