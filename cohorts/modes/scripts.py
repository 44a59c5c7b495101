"""Who stands in a script, under which name, and who does not and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from cohorts.enums import ModeState, ParticipantStatus
from cohorts.powershell import is_plain

GRACE = timedelta(hours=24)  # how long a grant may take until it is seen
BETWEEN_GRANTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A member of the cohort as the database knows them."""

    membership: int
    upn: str
    sip_address: str
    object_id: str
    mail: str
    name: str
    status: str
    state: str
    exported_at: datetime | None
    granted_at: datetime | None

    @property
    def person(self) -> str:
        """How a list names them."""
        return self.upn or self.mail or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Somebody in a script; ``identity`` is what the product knows them by."""

    membership: int
    identity: str
    upn: str
    name: str

    def as_record(self) -> dict[str, str]:
        return {"Identity": self.identity, "UserPrincipalName": self.upn, "Name": self.name}


@dataclass(frozen=True, slots=True)
class Skipped:
    person: str
    name: str
    reason: str


@dataclass(slots=True)
class Choice:
    """Goes through candidates once: yields the chosen, keeps the others with their reasons.

    ``facts`` name a person to the product, best first; ``recent`` counts the chosen who stood in a
    script or were granted less than 30 minutes before ``at``.
    """

    facts: Sequence[str]
    at: datetime
    skipped: list[Skipped] = field(default_factory=list)
    recent: int = 0
    _seen: set[str] = field(default_factory=set)

    def of(self, candidates: Iterable[Candidate]) -> Iterator[Chosen]:
        for one in candidates:
            identity = identity_of(one, self.facts)
            reason = self._reason(one, identity)
            if reason:
                self.skipped.append(Skipped(one.person, one.name, reason))
                continue
            self._seen.add(identity.casefold())
            last = max(filter(None, (one.exported_at, one.granted_at)), default=None)
            self.recent += last is not None and last > self.at - BETWEEN_GRANTS
            yield Chosen(membership=one.membership, identity=identity, upn=one.upn, name=one.name)

    def _reason(self, one: Candidate, identity: str) -> str:
        if one.status != ParticipantStatus.ACTIVE:
            return _("has left")
        if one.state == ModeState.VERIFIED:
            return _("is verified already")
        if one.state == ModeState.NOT_APPLICABLE:
            return _("another cohort of theirs counts")
        if one.state == ModeState.GRANTED and one.granted_at and one.granted_at > self.at - GRACE:
            return _("was granted less than 24 hours ago")
        if one.state == ModeState.DRIFT and one.granted_at:
            return _("was granted and is in another mode; put them into the next script first")
        if not one.upn:
            return _("has no UPN")
        if not identity:
            return _("has an address that cannot be typed")
        if identity.casefold() in self._seen:
            return _("is the same account as somebody before")
        return ""


def identity_of(one: Candidate, facts: Sequence[str]) -> str:
    """The first fact of ``facts`` that can name an account; empty where none can."""
    for fact in facts:
        value = str(getattr(one, fact)).strip()
        if fact == "sip_address":
            value = value[4:] if value[:4].casefold() == "sip:" else value
        if value and is_plain(value) and (fact == "object_id" or "@" in value):
            return value
    return ""
