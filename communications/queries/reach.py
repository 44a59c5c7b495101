"""Who gets an occurrence and who does not, with the reason: counted, listed, and three by name.

The same reasons in the same order as the claim finds them, so that what is said before and what
happens then agree. Quiet hours and the week's number depend on the moment and are not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Lower, RowNumber, Trim
from django.utils.translation import gettext_lazy as _

from cohorts.enums import ParticipantStatus
from cohorts.models import Membership, Participant
from communications.audience_kinds import COHORT, MOVED
from communications.audiences import Recipient
from communications.enums import SuppressionKind
from communications.models import Delivery, Occurrence, SendingRules
from communications.queries.addressees import (
    is_among_entries,
    is_on,
    suppressed_at,
    unsubscribed,
)
from communications.queries.audience import address_in, people_of, recipients
from communications.queries.rules import is_one_an_address, rules_of
from projects.models import Stakeholder

EXAMPLES, FEW = 3, 20
NO_ADDRESS, DO_NOT_CONTACT, SUPPRESSED = "no_address", "do_not_contact", "suppressed"
UNSUBSCRIBED, HELD_BACK, HAS_IT = "unsubscribed", "held_back", "has_it"
SHARES = "shares"
GETS_IT = "gets_it"
NOTHING = ""
NO_WORD = Value("", CharField())
# Why somebody gets nothing, in the order in which the first that holds is said.
REASONS = {
    NO_ADDRESS: _("no e-mail address"),
    DO_NOT_CONTACT: _("asked not to be contacted"),
    SUPPRESSED: _("address suppressed, mail to it came back"),
    UNSUBSCRIBED: _("unsubscribed"),
    HELD_BACK: _("not on the list of those who may get mail"),
    HAS_IT: _("have had it already"),
    SHARES: _("share an address with somebody who gets it"),
}


@dataclass(frozen=True, slots=True)
class Funnel:
    """``total`` is the sum of all reasons and ``reachable``, always. ``deferred`` are not in it:
    they left the cohort for a later one. ``mark`` is another number for other people."""

    total: int
    no_address: int = 0
    suppressed: int = 0
    do_not_contact: int = 0
    unsubscribed: int = 0
    held_back: int = 0
    has_it: int = 0
    shares: int = 0
    deferred: int = field(default=0, compare=False)
    mark: int = field(default=0, compare=False)

    @property
    def reachable(self) -> int:
        return self.total - sum(self.reasons.values())

    @property
    def reasons(self) -> Mapping[str, int]:
        return {name: getattr(self, name) for name in REASONS}

    @property
    def out(self) -> tuple[tuple[str, Any, int], ...]:
        """(reason, its words, number) of whoever gets nothing. Who has no address or came back is
        named even where it is nobody: those are what people look for."""
        always = (NO_ADDRESS, SUPPRESSED)
        return tuple(
            (name, REASONS[name], number)
            for name, number in self.reasons.items()
            if number or name in always
        )


def funnel(occurrence: Occurrence, at: datetime, people: QuerySet[Any] | None = None) -> Funnel:
    """How many the rule means, how many of them a mail can reach, and why not the others. Six
    queries at most, whatever the number of people; two with ``people``, who are with_reasons."""
    people = with_reasons(occurrence, at) if people is None else people
    groups = (
        people.values("why")
        .annotate(number=Count("pk"), sum=Sum("pk"))
        .values_list("why", "number", "sum")
    )
    found = {why: (number, total) for why, number, total in groups}
    numbers = {name: found.get(name, (0, 0))[0] for name in REASONS}
    return Funnel(
        total=sum(number for number, _sum in found.values()),
        **numbers,
        deferred=_deferred(occurrence),
        mark=int(found.get("", (0, 0))[1] or 0),
    )


def reached(occurrence: Occurrence, at: datetime) -> QuerySet[Any]:
    """Whom a mail can reach, unordered."""
    return with_reasons(occurrence, at).filter(why="")


def examples(people: QuerySet[Any]) -> tuple[Recipient, ...]:
    """The first three by name of those of ``people``, with_reasons, who get it. Two queries at
    most: nearly always they are among the first few, and nobody else's reason is looked up."""
    name = "display_name" if people.model is Participant else "name"
    by_name = people.order_by(name, "pk")
    first = list(by_name[:FEW])
    found = [person for person in first if not person.why][:EXAMPLES]
    if len(found) < EXAMPLES and len(first) == FEW:
        found = list(by_name.filter(why="")[:EXAMPLES])
    return recipients(found)


def with_reasons(occurrence: Occurrence, at: datetime) -> QuerySet[Any]:
    """Everybody the rule means, with ``why`` they get nothing; empty for those who get it."""
    people: QuerySet[Any] = people_of(occurrence, at).order_by()
    if people.model not in (Participant, Stakeholder):
        return cast("QuerySet[Any]", people.annotate(reach=NO_WORD, why=NO_WORD))
    whens = [
        When(condition, then=Value(why)) for why, condition in _reasons(occurrence, people, at)
    ]
    why = Case(*whens, default=NO_WORD)
    return cast("QuerySet[Any]", people.annotate(reach=address_in(people), why=why))


def _reasons(
    occurrence: Occurrence, people: QuerySet[Any], at: datetime
) -> list[tuple[str, Q | Exists]]:
    """(reason, whether it holds), with those behind NOTHING in front: nearly everybody is on no
    list, and their address is compared once."""
    rules, address = rules_of(occurrence.project), address_in(people)
    refusing = suppressed_at(at, (SuppressionKind.DO_NOT_CONTACT,))
    lists = [suppressed_at(at)]
    if not occurrence.message.is_mandatory:
        lists.append(unsubscribed())
    others: list[tuple[str, Q | Exists]] = [(HELD_BACK, held) for held in _held_back(rules, people)]
    if occurrence.pk is not None and occurrence.message.audience_kind != MOVED:
        person = "participant" if people.model is Participant else "stakeholder"
        rows = Delivery.objects.filter(occurrence=occurrence.pk, **{person: OuterRef("pk")})
        others.append((HAS_IT, Exists(rows)))
    if is_one_an_address(occurrence, rules):
        others.append((SHARES, Q(pk__in=_behind_another(people))))
    nothing = Q(~is_on(address, *lists), *(~Q(condition) for _why, condition in others))
    return [
        (NO_ADDRESS, Q(reach="")),
        (NOTHING, nothing),
        (DO_NOT_CONTACT, is_on(address, refusing)),
        (SUPPRESSED, is_on(address, lists[0])),
        *((UNSUBSCRIBED, is_on(address, one)) for one in lists[1:]),
        *others,
    ]


def _behind_another(people: QuerySet[Any]) -> list[int]:
    """Whoever has the address of one who comes before them: few, and looked up once."""
    place = Window(RowNumber(), partition_by=Lower(Trim("reach")), order_by=F("pk").asc())
    reachable = people.annotate(reach=address_in(people)).exclude(reach="")
    return list(reachable.annotate(place=place).filter(place__gt=1).values_list("pk", flat=True))


def _held_back(rules: SendingRules, people: QuerySet[Any]) -> list[Q]:
    """The installation's allow list, and the project's staging; see ``common.addresses``."""
    address = address_in(people)
    lists = [[entry.strip() for entry in settings.MAIL_ALLOW_LIST if entry.strip()]]
    if rules.is_staging:
        lists.append(rules.staging_list or ["@"])
    held = []
    for entries in lists:
        allowed = [entry for entry in entries if not entry.startswith("!")]
        if allowed:
            held.append(~is_among_entries(address, allowed))
        if refused := [entry[1:] for entry in entries if entry.startswith("!")]:
            held.append(is_among_entries(address, refused))
    return held


def _deferred(occurrence: Occurrence) -> int:
    """Active people whom a deferral took out of the occurrence's cohort."""
    if occurrence.cohort_id is None or occurrence.message.audience_kind != COHORT:
        return 0
    return Membership.objects.filter(
        deferred_from=occurrence.cohort_id, participant__status=ParticipantStatus.ACTIVE
    ).count()
