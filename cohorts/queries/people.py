"""Who the people list means: one filter for the page, the figure, the assignment and the export.

``people_pages`` shows it in pages, ``people_export`` as a table.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Lower, StrIndex

from cohorts.enums import CohortKind, ModeState, ParticipantStatus
from cohorts.models import Cohort, Membership, Participant
from cohorts.progress import Progress, standing_at
from projects.models import Project

EVERYBODY = "all"
SIGNS_OF_INDEX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    """What the list's address says; empty means "all", several mean "and".

    What is asked of a membership is asked of one: "this cohort" and "told" means told for it.
    """

    q: str = ""
    department: str = ""
    country: str = ""
    office: str = ""
    cohort: Cohort | None = None
    is_without_cohort: bool = False
    kind: CohortKind | None = None
    mode: ModeState | None = None
    progress: Progress | None = None
    is_told: bool | None = None
    is_switched: bool | None = None
    is_deferred: bool = False
    is_blocked: bool = False
    is_white_glove: bool = False
    is_champion: bool = False
    is_without_address: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    status: str = ParticipantStatus.ACTIVE


def matching(project: Project, wanted: PeopleFilter) -> "QuerySet[Participant]":
    """Everybody ``wanted`` asks for, once each, in no order. ``q`` is part of a name or address."""
    people: QuerySet[Participant] = Participant.objects.filter(project=project)
    if wanted.status == EVERYBODY:
        people = people.exclude(status=ParticipantStatus.ERASED)
    else:
        people = people.filter(status=wanted.status)
    for name in ("department", "country", "office"):
        if value := getattr(wanted, name):
            people = people.filter(**{name: value})
    if wanted.is_white_glove:
        people = people.filter(is_white_glove=True)
    if wanted.is_champion:
        people = people.filter(champion_since__isnull=False)
    if wanted.is_without_address:
        people = people.filter(mail="", upn="")
    if wanted.attributes:
        people = people.filter(attributes__contains=dict(wanted.attributes))
    if wanted.q:
        people = _holding(people, wanted.q)
    return _by_memberships(project, people, wanted).order_by()


def search_text() -> Func:
    """What a search looks at. The index is over this very expression, see migration 0008."""
    return Func(
        F("display_name"),
        F("key"),
        F("mail"),
        function="cohorts_search_text",
        output_field=TextField(),
    )


def _holding(people: "QuerySet[Participant]", q: str) -> "QuerySet[Participant]":
    """Those with ``q`` in their name or addresses, without regard to case."""
    people = people.alias(search=search_text())
    local, at_sign, domain = q.partition("@")
    if not domain:
        return people.filter(search__contains=_part(q))
    # Everybody has the domain: the index is asked for what stands in front of it.
    people = people.alias(place=StrIndex("search", Lower(_text(q))))
    return people.filter(search__contains=_part(local + at_sign), place__gt=0)


def _part(q: str) -> Lower:
    """Part of the text; of less than three letters in a row the beginning of a word, for the index
    knows nothing shorter."""
    is_long = max(map(len, re.split(r"[^a-z0-9]+", q.lower()))) >= SIGNS_OF_INDEX
    return Lower(_text(q if is_long or not q.isascii() else f" {q}"))


def _text(q: str) -> Value:
    return Value(q, output_field=TextField())


def _by_memberships(
    project: Project, people: "QuerySet[Participant]", wanted: PeopleFilter
) -> "QuerySet[Participant]":
    """The filters that ask something of one membership of the person, as one subquery."""
    if wanted.is_without_cohort:
        people = people.filter(~Exists(Membership.objects.filter(participant=OuterRef("pk"))))
    asked = _asked_of_membership(wanted)
    if wanted.cohort is not None:
        asked &= Q(cohort=wanted.cohort)
    elif asked:
        # Named one by one, because the indexes of memberships begin with the cohort.
        asked &= Q(cohort__in=list(project.cohorts.order_by().values_list("pk", flat=True)))
    if not asked:
        return people
    return people.filter(pk__in=Membership.objects.filter(asked).values("participant"))


def _asked_of_membership(wanted: PeopleFilter) -> Q:
    asked = Q()
    for name, value in (("kind", wanted.kind), ("mode_state", wanted.mode)):
        if value is not None:
            asked &= Q(**{name: value})
    for name, has in (
        ("told_at", wanted.is_told),
        ("switched_at", wanted.is_switched),
        ("deferred_from", wanted.is_deferred or None),
        ("blocked_since", wanted.is_blocked or None),
    ):
        if has is not None:
            asked &= Q(**{f"{name}__isnull": not has})
    if wanted.progress is not None:
        asked &= standing_at(wanted.progress)
    return asked
