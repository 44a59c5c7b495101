"""Who an occurrence is for: the audience's one query, searched, or as recipients."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf

from cohorts.models import Participant
from common.arrays import IsAnyOf
from communications import audiences
from communications.audiences import Recipient
from communications.models import Occurrence, TeamsChannel
from projects.models import Stakeholder

Person = Participant | Stakeholder | TeamsChannel
SUGGESTIONS = 20


def people_of(occurrence: Occurrence, at: datetime) -> QuerySet[Person]:
    """Everybody the rule means at ``at``, one row each, unordered."""
    return audiences.get(occurrence.message.audience_kind).people(occurrence, at)


def search(occurrence: Occurrence, at: datetime, words: str) -> tuple[Recipient, ...]:
    """The first recipients by name whose name or address begins or holds ``words``. One query."""
    people = people_of(occurrence, at)
    name = "display_name" if people.model is Participant else "name"
    found = people.annotate(reach=address_in(people))
    if words:
        found = found.filter(Q(**{f"{name}__icontains": words}) | Q(reach__istartswith=words))
    return recipients(found.order_by(name, "pk")[:SUGGESTIONS])


def person(occurrence: Occurrence, at: datetime, pk: int) -> Recipient | None:
    """The recipient with this key of its table, None for somebody the rule does not mean."""
    found = people_of(occurrence, at).filter(pk=pk).first()
    return recipient(found) if found is not None else None


def recipients(people: Iterable[Person]) -> tuple[Recipient, ...]:
    return tuple(recipient(person) for person in people)


def recipient(person: Person) -> Recipient:
    """Name and address as they are now."""
    if isinstance(person, Participant):
        key, where = f"p:{person.pk}", (person.timezone, person.language)
        return Recipient(key, person.pk, person.display_name, person.address, *where)
    if isinstance(person, TeamsChannel):
        return Recipient(f"c:{person.pk}", person.pk, person.name, person.name)
    return Recipient(f"s:{person.pk}", person.pk, person.name, person.email)


def recipients_among(
    occurrence: Occurrence, at: datetime, pks: Collection[int]
) -> dict[int, Recipient]:
    """Those of ``pks`` whom the rule means at ``at``. One query, and no whole rows."""
    people = people_of(occurrence, at).filter(IsAnyOf(F("pk"), pks))
    if people.model is Participant:
        facts = ("display_name", address_in(people), "timezone", "language")
        found = people.values_list("pk", *facts)
        return {row[0]: Recipient(f"p:{row[0]}", *row) for row in found}
    found = people.values_list("pk", "name", address_in(people))
    letter = "c" if people.model is TeamsChannel else "s"
    return {row[0]: Recipient(f"{letter}:{row[0]}", *row) for row in found}


def address_in(people: QuerySet[Any]) -> Combinable:
    """Where mail goes, as Participant.address and Stakeholder.email say, for the database. A
    channel's real address is a secret, so its name stands for it."""
    if people.model is Participant:
        return Coalesce(NullIf(F("mail"), Value("")), F("upn"))
    return F("name") if people.model is TeamsChannel else F("email")
