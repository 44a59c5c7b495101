"""In which languages a message is read, by how many people, and what they get. Reads only."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from cohorts.models import Participant
from communications import audience_kinds as kinds
from communications.enums import LatePolicy
from communications.languages import OWN, base, choose, is_read, name, tag
from communications.mail_words import are_translated
from communications.models import Message, MessageVariant, Occurrence
from communications.queries.audience import people_of
from communications.queries.texts import own_language
from playbooks.placeholders import missing_names

# Rosters hold few tags. Where one is full of nonsense, who is behind these is not counted.
MOST_TAGS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageRow:
    """``people`` read the text of ``language``, or would if there were one; then they get the
    message's own. ``missing`` are placeholders that its text lacks."""

    language: str
    people: int
    is_own: bool = False
    unknown: int = 0  # of ``people``: those of whom no language is known
    variant: MessageVariant | None = None
    missing: tuple[str, ...] = ()
    lacks_short: bool = False

    @property
    def name(self) -> str:
        return name(self.language)

    @property
    def has_text(self) -> bool:
        return self.is_own or self.variant is not None

    @property
    def has_our_words(self) -> bool:
        """Whether what stands around the text is in its language as well."""
        return are_translated(self.language)


@dataclass(frozen=True, slots=True)
class Languages:
    """The own text first, then its other languages, then what people read without a text."""

    rows: tuple[LanguageRow, ...]

    @property
    def own(self) -> LanguageRow:
        return self.rows[0]

    @property
    def unread(self) -> tuple[LanguageRow, ...]:
        """Languages with people and no text."""
        return tuple(row for row in self.rows if not row.has_text)

    @property
    def to_look_at(self) -> tuple[LanguageRow, ...]:
        """Texts that lack something or are behind the message's own."""
        return tuple(r for r in self.rows if r.variant and (r.variant.is_behind or r.missing))

    @property
    def is_plain(self) -> bool:
        """One text, and nobody known to read another language."""
        return len(self.rows) == 1


def languages_of(message: Message) -> Languages:
    """Of everybody who is meant by any of its sendings now. Two queries."""
    return _languages(message, _read(_meant(message)))


def languages_of_occurrence(occurrence: Occurrence, at: datetime) -> Languages:
    """Of its own audience, as it is sent. Two queries."""
    return _languages(occurrence.message, _read(people_of(occurrence, at)))


def _meant(message: Message) -> QuerySet[Any]:
    """The people of all its cohorts at once, however many these are. Of a survey's messages only
    the survey knows who of them is asked."""
    people = Participant.objects.active().filter(project=message.project_id)
    if message.audience_kind in (kinds.STAKEHOLDERS, kinds.IT_STAFF):
        return people.none()
    if message.cohort_kind:
        return people.filter(memberships__kind=message.cohort_kind)
    return people.none() if message.audience_kind == kinds.COHORT else people


def _read(people: QuerySet[Any]) -> Counter[str]:
    """{tag as the rosters say it: people}; stakeholders have said none. Not folded by the database:
    of a million people that would take a third longer."""
    if people.model is not Participant:
        return Counter({"": people.count()})
    counts = people.order_by().values_list("language").annotate(n=Count("pk"))
    return Counter(dict(counts.order_by("-n")[:MOST_TAGS]))


def _languages(message: Message, read: Counter[str]) -> Languages:
    variants = {variant.language: variant for variant in message.variants.all()}
    own = own_language(message)
    people: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    unknown = 0
    for words, count in read.items():
        chosen = choose(words, variants, own)
        if is_read(words, chosen or own):
            people[chosen] += count
            unknown += count if not tag(words) else 0
        else:
            unread[base(tag(words))] += count
    return Languages(
        (
            LanguageRow(language=own, people=people[OWN], is_own=True, unknown=unknown),
            *(_row(message, variant, people[key]) for key, variant in variants.items()),
            *(LanguageRow(language=key, people=count) for key, count in unread.most_common()),
        )
    )


def _row(message: Message, variant: MessageVariant, people: int) -> LanguageRow:
    missing = missing_names(
        f"{message.subject}\n{message.body}", f"{variant.subject}\n{variant.body}"
    )
    return LanguageRow(
        language=variant.language,
        people=people,
        variant=variant,
        missing=missing,
        lacks_short=message.late_policy == LatePolicy.SHORT and not variant.short_body,
    )
