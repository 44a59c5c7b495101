"""Who is written to at an address, in all projects; and the spellings that SQL compares."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Func, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower, Replace
from django.db.models.lookups import In

from accounts.models import User
from cohorts.models import Participant
from cohorts.queries.people import search_text
from common.addresses import DIGEST, address_digest, address_key
from communications.models import Suppression, Unsubscription
from projects.models import Stakeholder


@dataclass(frozen=True, slots=True)
class Addressees:
    """Ids of everybody whose mail goes to one address, and the projects they are in."""

    participants: tuple[int, ...]
    stakeholders: tuple[int, ...]
    users: tuple[int, ...]
    projects: frozenset[int]


def addressees_of(address: str) -> Addressees:
    """Everybody with this address in any spelling. Three queries, by index where people are many.

    An address without a name in front of its @ is nobody's: no mail server would take it.
    """
    key = address_key(address)
    local = key.rpartition("@")[0]
    if not local:
        return Addressees((), (), (), frozenset())
    people = Participant.objects.alias(search=search_text()).filter(search__contains=f" {local}@")
    participants = list(_at(key, people.values_list("pk", "project", "mail", "upn")))
    rows = Stakeholder.objects.filter(email__istartswith=f"{local}@")
    stakeholders = list(_at(key, rows.values_list("pk", "project", "email")))
    users = User.objects.filter(email__istartswith=f"{local}@")
    return Addressees(
        participants=tuple(pk for pk, _project in participants),
        stakeholders=tuple(pk for pk, _project in stakeholders),
        users=tuple(pk for pk, _email in _at(key, users.values_list("pk", "email", "email"))),
        projects=frozenset(project for _pk, project in (*participants, *stakeholders)),
    )


def _at(key: str, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, int]]:
    """(pk, project) of rows (pk, project, *addresses) whose first address that is not empty is
    ``key``."""
    for pk, project, *addresses in rows:
        first = next((one for one in addresses if one), "")
        if address_key(first) == key:
            yield pk, project


def folded(address: Combinable) -> Combinable:
    """What SQL can say of ``address_key``: equal to it for every address written in ASCII.

    A domain in letters beyond ASCII stays in letters.
    """
    trimmed = Func(address, function="btrim", output_field=TextField())
    normal = Func(trimmed, template="normalize(%(expressions)s, NFC)", output_field=TextField())
    lower = Lower(normal, output_field=TextField())
    single = Replace(lower, Value("ß"), Value("ss"), output_field=TextField())
    return Replace(single, Value("ς"), Value("σ"), output_field=TextField())


def in_force(at: datetime) -> Q:
    """Suppressions that hold at ``at``."""
    return Q(until__isnull=True) | Q(until__gt=at)


def suppression_keys(address: str) -> tuple[str, str]:
    """Under which keys a suppression of ``address`` may stand: its own, or its digest."""
    key = address_key(address)
    return key, address_digest(key)


@dataclass(frozen=True, slots=True)
class AddressList:
    """A table of address keys, and those of them that SQL cannot compare by itself."""

    rows: QuerySet[Any]
    odd: tuple[str, ...]


def suppressed_at(at: datetime, kinds: Collection[str] = ()) -> AddressList:
    """Suppressions in force, of ``kinds`` where some are named. One query."""
    rows = Suppression.objects.filter(in_force(at))
    return _listed(rows.filter(kind__in=kinds) if kinds else rows)


def unsubscribed() -> AddressList:
    """Who wants nothing that is not mandatory. One query."""
    return _listed(Unsubscription.objects.all())


def is_on(address: Combinable, *lists: AddressList) -> Q:
    """A condition on people: ``address`` is on one of ``lists``. It is spelled once for all.

    As the claim compares, so that what is counted and what is sent agree. Only people with a
    domain beyond ASCII who are kept as a digest are not recognised here.
    """
    keys = [one.rows.order_by().values("address_key") for one in lists]
    spelling = folded(address)
    condition = Q(In(spelling, keys[0].union(*keys[1:], all=True) if keys[1:] else keys[0]))
    odd = [key for one in lists for key in one.odd]
    if letters := [_in_letters(key) for key in odd if not key.startswith(DIGEST)]:
        condition |= Q(In(spelling, letters))
    if digests := [key for key in odd if key.startswith(DIGEST)]:
        condition |= Q(In(_digest(spelling), digests))
    return condition


def is_among_entries(address: Combinable, entries: Iterable[str]) -> Q:
    """A condition on people: ``address``, or its @domain, is one of ``entries``. No query."""
    keys = {address_key(entry) for entry in entries}
    spellings = sorted(keys | {_in_letters(key) for key in keys})
    spelling = folded(address)
    return Q(In(spelling, spellings)) | Q(In(_domain(spelling), spellings))


def _listed(rows: QuerySet[Any]) -> AddressList:
    in_words = Q(address_key__contains="xn--") | Q(address_key__startswith=DIGEST)
    return AddressList(rows, tuple(rows.filter(in_words).values_list("address_key", flat=True)))


def _domain(spelling: Combinable) -> Combinable:
    """ "@example.org" of an address."""
    return Func(
        spelling,
        template="('@' || split_part(%(expressions)s, '@', -1))",
        output_field=TextField(),
    )


def _digest(spelling: Combinable) -> Combinable:
    """``common.addresses.address_digest`` in SQL."""
    return Func(
        spelling,
        template=f"('{DIGEST}' || encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex'))",
        output_field=TextField(),
    )


def _in_letters(key: str) -> str:
    local, _at_sign, domain = key.rpartition("@")
    try:
        letters = domain.encode("ascii").decode("idna")
    except UnicodeError:
        return key
    return unicodedata.normalize("NFC", f"{local}@{letters}").casefold()
