"""How fast an occurrence is being sent, and how long the rest takes. From the rows alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from communications.enums import DeliveryState
from communications.models import Delivery
from communications.queries.ledger import Ledger

LATELY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Pace:
    """``a_minute`` were sent in the last minute; ``left`` is None while nobody can tell."""

    a_minute: int = 0
    left: timedelta | None = None

    @property
    def minutes(self) -> int:
        """Of what is left, rounded up; 0 where nobody can tell or it is less than one."""
        return -(-int(self.left.total_seconds()) // 60) if self.left else 0


def paces(books: Mapping[int, Ledger], at: datetime) -> dict[int, Pace]:
    """{occurrence: its pace}. One query."""
    sent = dict(
        Delivery.objects.filter(
            occurrence__in=books, state=DeliveryState.SENT, sent_at__gt=at - LATELY
        )
        .values_list("occurrence")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return {pk: _pace(sent.get(pk, 0), ledger) for pk, ledger in books.items()}


def pace_of(occurrence: int, ledger: Ledger, at: datetime) -> Pace:
    """One query."""
    return paces({occurrence: ledger}, at)[occurrence]


def _pace(sent: int, ledger: Ledger) -> Pace:
    return Pace(sent, LATELY * ledger.unfinished / sent if sent else None)
