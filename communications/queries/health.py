"""How mail is doing on this installation, and which addresses get none. For administrators."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from communications.enums import DeliveryState
from communications.models import Bounce, Delivery, Sender, Suppression, Unsubscription

PAGE = 50
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailHealth:
    """``sent`` and ``bounced`` are of the last 24 hours; ``held_until``: None while mail flows."""

    sent: int
    bounced: int
    waiting: int
    uncertain: int
    suppressed: int
    unsubscribed: int
    held_until: datetime | None
    hold_reason: str


def mail_health(at: datetime) -> MailHealth:
    """Six queries, each by an index."""
    sender = Sender.objects.filter(hold_until__gt=at).first()
    open_rows = Delivery.objects.filter(
        state__in=(DeliveryState.QUEUED, DeliveryState.UNCERTAIN)
    ).aggregate(
        waiting=Count("pk", filter=Q(state=DeliveryState.QUEUED)),
        uncertain=Count("pk", filter=Q(state=DeliveryState.UNCERTAIN)),
    )
    return MailHealth(
        sent=_sent_lately(at),
        bounced=Bounce.objects.filter(at__gt=at - DAY).count(),
        waiting=open_rows["waiting"],
        uncertain=open_rows["uncertain"],
        suppressed=suppressions(at).count(),
        unsubscribed=Unsubscription.objects.count(),
        held_until=sender.hold_until if sender else None,
        hold_reason=sender.hold_reason if sender else "",
    )


@dataclass(frozen=True, slots=True)
class Account:
    """The mail account and what the last hour took of its limit; ``row`` may be unsaved."""

    row: Sender
    used: int


def mail_account(at: datetime) -> Account:
    """One query. Fewer connections than usual are only told while it lasts."""
    row = Sender.objects.select_related("changed_by").order_by("pk").first() or Sender()
    if row.fewer_until is not None and row.fewer_until <= at:
        row.fewer_until = None
    since = at.timestamp() // 60 - 61
    return Account(row, sum(n for minute, n in row.lately.items() if int(minute) > since))


def _sent_lately(at: datetime) -> int:
    """What is older than a month is not sent any more, so its rows need not be read."""
    sent = Delivery.objects.filter(state=DeliveryState.SENT, sent_at__gt=at - DAY)
    return sent.filter(occurrence__due_at__gt=at - 31 * DAY).count()


def suppressions(at: datetime, *, words: str = "", kind: str = "") -> QuerySet[Suppression]:
    """Those in force at ``at``, the latest first. ``words`` is part of the address or reason."""
    rows = Suppression.objects.filter(Q(until__isnull=True) | Q(until__gt=at))
    if words:
        rows = rows.filter(Q(address_key__icontains=words) | Q(reason__icontains=words))
    if kind:
        rows = rows.filter(kind=kind)
    return rows.select_related("set_by").order_by("-pk")


@dataclass(frozen=True, slots=True)
class SuppressionPage:
    """``after`` is the key for the next page's address, None at the end."""

    rows: tuple[Suppression, ...]
    after: int | None


def suppression_page(
    at: datetime, *, words: str = "", kind: str = "", after: int | None = None
) -> SuppressionPage:
    rows = suppressions(at, words=words, kind=kind)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows[: PAGE + 1])
    shown = tuple(found[:PAGE])
    return SuppressionPage(shown, shown[-1].pk if shown and found[PAGE:] else None)
