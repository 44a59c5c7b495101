"""Takes the next post that is due, and settles those that must not go out. Sends nothing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from communications import audiences
from communications.enums import DeliveryState
from communications.models import Delivery, Occurrence, TeamsChannel
from communications.queries.audience import recipients_among
from communications.queries.rules import rules_of
from communications.quiet import end_of_quiet
from communications.services.pipeline import clock

# The few occurrences for channels first, so that a million mails are not even looked at.
_NEXT = """
    WITH work AS MATERIALIZED (
        SELECT o.id
        FROM communications_occurrence o
        JOIN communications_message m ON m.id = o.message_id
        JOIN projects_project p ON p.id = o.project_id
        WHERE o.state IN ('expanding', 'sending') AND m.channel = 'teams'
          AND m.status = 'active' AND p.status = 'active'
          AND m.audience_kind = ANY(%(kinds)s)
          AND (%(project)s::bigint IS NULL OR o.project_id = %(project)s)
    )
    SELECT d.id
    FROM work
    CROSS JOIN LATERAL (
        SELECT mine.id, mine.not_before
        FROM communications_delivery mine
        LEFT JOIN communications_teamschannel c ON c.id = mine.channel_id
        WHERE mine.occurrence_id = work.id AND mine.state = 'queued'
          AND mine.not_before <= (SELECT clock_timestamp() + %(ahead)s::interval)
          AND coalesce(c.not_before, '-infinity')
              <= (SELECT clock_timestamp() + %(ahead)s::interval)
        ORDER BY mine.not_before, mine.id
        LIMIT 100
        FOR UPDATE OF mine SKIP LOCKED
    ) AS d
    ORDER BY d.not_before, d.id
    LIMIT 1
"""
# Not more than four posts a second for each channel: Teams slows down who sends more.
_TAKE = """
    WITH channel AS (
        UPDATE communications_teamschannel
        SET not_before = clock_timestamp() + %(ahead)s::interval + interval '250 milliseconds'
        WHERE id = %(channel)s
    )
    UPDATE communications_delivery
    SET state = 'claimed', owner = %(owner)s::uuid, address = %(name)s, reason = '',
        lease_until = clock_timestamp() + %(ahead)s::interval + %(lease)s::interval
    WHERE id = %(pk)s AND state = 'queued'
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One row this process holds, and where it goes."""

    pk: int
    occurrence: Occurrence
    channel: TeamsChannel
    attempts: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """``mail`` is None where the row was settled, or waits, without a post."""

    delivery: Delivery
    state: DeliveryState
    mail: Claimed | None = None


@dataclass(frozen=True, slots=True)
class _Decision:
    state: DeliveryState
    reason: str = ""
    later: datetime | None = None


@transaction.atomic
def claim_post(owner: UUID, lease_seconds: float, project: int | None = None) -> Found | None:
    """The next row of a channel that may be posted to now; None where there is none.

    A rehearsal looks at one ``project`` alone.
    """
    at = clock.database_now()
    delivery = _next(project)
    if delivery is None:
        return None
    decision = _decide(delivery, at)
    channel = delivery.channel
    if decision.state != DeliveryState.CLAIMED or channel is None:
        _settle(delivery, decision)
        return Found(delivery, decision.state)
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                "pk": delivery.pk,
                "channel": channel.pk,
                "name": channel.name,
                "owner": str(owner),
                "ahead": clock.ahead(),
                "lease": clock.seconds(lease_seconds),
            },
        )
    mail = Claimed(delivery.pk, delivery.occurrence, channel, delivery.attempts, at)
    return Found(delivery, DeliveryState.CLAIMED, mail)


def _next(project: int | None) -> Delivery | None:
    with connection.cursor() as cursor:
        cursor.execute(
            _NEXT,
            {"kinds": list(audiences.kinds()), "ahead": clock.ahead(), "project": project},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    related = ("channel", "occurrence__message", "occurrence__project", "occurrence__cohort")
    return Delivery.objects.select_related(*related).get(pk=row[0])


def _decide(delivery: Delivery, at: datetime) -> _Decision:
    """As for a mail; what holds for addresses holds for whole channels here."""
    occurrence, channel = delivery.occurrence, delivery.channel
    if channel is None:
        return _Decision(DeliveryState.SKIPPED, _("the channel was removed"))
    if not recipients_among(occurrence, at, [channel.pk]):
        return _Decision(DeliveryState.SKIPPED, _("no longer among those it is for"))
    if occurrence.not_after is not None and occurrence.not_after <= at:
        return _Decision(DeliveryState.FAILED, _("its last moment has passed"))
    rules = rules_of(occurrence.project)
    if settings.MAIL_ALLOW_LIST or rules.is_staging:
        why = _("held back: only addresses on a list get anything")
        return _Decision(DeliveryState.SKIPPED, why)
    if rules.quiet_from and rules.quiet_until and occurrence.ordered_at is None:
        later = end_of_quiet(at, occurrence.timezone, rules.quiet_from, rules.quiet_until)
        if later is not None:
            return _Decision(DeliveryState.QUEUED, _("quiet hours"), later)
    return _Decision(DeliveryState.CLAIMED)


def _settle(delivery: Delivery, decision: _Decision) -> None:
    address = delivery.channel.name if delivery.channel else delivery.address
    rows = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.QUEUED)
    rows.update(
        state=decision.state,
        reason=decision.reason,
        address=address,
        not_before=decision.later or delivery.not_before,
    )
