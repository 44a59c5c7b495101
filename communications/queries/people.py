"""The ledger's rows, person by person, in pages by key. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from communications.enums import DeliveryState
from communications.models import Delivery, Occurrence

PAGE = 100
NAMED = ("participant", "stakeholder", "user", "channel")


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """``before`` and ``after`` are keys for the links to the neighbours, None at an end."""

    rows: tuple[Delivery, ...]
    before: int | None
    after: int | None


def people_page(
    occurrence: Occurrence,
    *,
    state: str = "",
    words: str = "",
    after: int | None = None,
    before: int | None = None,
) -> PeoplePage:
    """Rows behind ``after`` or in front of ``before``, in the order they were made. One query."""
    found = deliveries(occurrence, state=state, words=words)
    if before is not None:
        rows = list(found.filter(pk__lt=before).order_by("-pk")[: PAGE + 1])
        has_more, rows = len(rows) > PAGE, rows[:PAGE][::-1]
        return PeoplePage(
            tuple(rows), rows[0].pk if has_more else None, rows[-1].pk if rows else None
        )
    if after is not None:
        found = found.filter(pk__gt=after)
    rows = list(found[: PAGE + 1])
    has_more, rows = len(rows) > PAGE, rows[:PAGE]
    return PeoplePage(
        tuple(rows),
        rows[0].pk if rows and after is not None else None,
        rows[-1].pk if has_more else None,
    )


def deliveries(occurrence: Occurrence, *, state: str, words: str) -> QuerySet[Delivery]:
    found = Delivery.objects.filter(occurrence=occurrence).select_related(*NAMED).order_by("pk")
    if state:
        found = found.filter(state=state)
    if words:
        found = found.filter(
            Q(participant__display_name__icontains=words)
            | Q(stakeholder__name__icontains=words)
            | Q(channel__name__icontains=words)
            | Q(address__istartswith=words)
        )
    return found


def cells(found: QuerySet[Delivery]) -> Iterator[tuple[object, ...]]:
    """Rows for a table file, read in chunks."""
    for row in found.iterator(chunk_size=2000):
        yield (
            name_of(row),
            row.address,
            DeliveryState(row.state).label,
            row.reason,
            row.attempts,
            row.sent_at,
            row.smtp_code,
            row.smtp_text,
            row.text_words,
        )


def name_of(row: Delivery) -> str:
    """Who it was for; an erased person has no name any more."""
    for field in NAMED:
        person = getattr(row, field)
        if person is not None:
            return str(person)
    if row.recipient_key.startswith("c:"):
        return row.address or _("removed channel")
    return _("erased person")
