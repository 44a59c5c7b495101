"""Writes what became of a mail, and which row the worker turns to next, in one statement.

Only rows this worker still holds are written: a late truth beats the reaper, but never a decision
that a person took meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection

from communications.enums import DeliveryState
from communications.mailer import crash
from communications.services.pipeline import clock

# Before the dot a row is claimed; after it sending, or uncertain when the reaper was faster.
BEFORE_THE_DOT = (DeliveryState.CLAIMED,)
AFTER_THE_DOT = (DeliveryState.SENDING, DeliveryState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row. ``wait`` delays a queued one; ``is_tried`` counts an attempt."""

    pk: int
    state: DeliveryState
    held_as: tuple[DeliveryState, ...]
    reason: str = ""
    code: int | None = None
    text: str = ""
    wait: timedelta = timedelta(0)
    is_tried: bool = False


# An uncertain row keeps its owner, who may still learn the truth. A row that was begun and has an
# outcome was no death: claims starts again from zero.
_STEP = """
    WITH settled AS (
        UPDATE communications_delivery
        SET state = %(state)s, reason = left(%(reason)s, 200), smtp_code = %(code)s,
            smtp_text = left(%(text)s, 500), attempts = attempts + %(tried)s, claims = 0,
            sent_at = CASE WHEN %(state)s = 'sent' THEN clock_timestamp() + %(ahead)s::interval END,
            not_before = CASE WHEN %(state)s = 'queued' AND %(wait)s::interval > interval '0'
                THEN clock_timestamp() + %(ahead)s::interval + %(wait)s::interval
                ELSE not_before END,
            owner = CASE WHEN %(state)s = 'uncertain' THEN owner END,
            lease_until = NULL
        WHERE id = %(settle)s AND owner = %(owner)s::uuid AND state = ANY(%(held_as)s)
    ),
    begun AS (
        UPDATE communications_delivery
        SET claims = claims + 1,
            lease_until = clock_timestamp() + %(ahead)s::interval + %(lease)s::interval
        WHERE id = %(begin)s AND owner = %(owner)s::uuid AND state = 'claimed'
          AND coalesce(lease_until, '-infinity') > clock_timestamp() + %(ahead)s::interval
        RETURNING 1
    )
    SELECT count(*) FROM begun
"""
_NOTHING = Outcome(pk=0, state=DeliveryState.SENT, held_as=())
_RELEASE = """
    UPDATE communications_delivery
    SET state = 'queued', owner = NULL, lease_until = NULL
    WHERE id = ANY(%(ids)s) AND owner = %(owner)s::uuid AND state = 'claimed'
"""
_LENGTHEN = """
    UPDATE communications_delivery
    SET lease_until = clock_timestamp() + %(ahead)s::interval + %(lease)s::interval
    WHERE id = %(id)s AND owner = %(owner)s::uuid AND state IN ('claimed', 'sending')
      AND coalesce(lease_until, '-infinity') > clock_timestamp() + %(ahead)s::interval
"""


def step(owner: UUID, lease_seconds: int, *, done: Outcome | None, begin: int | None) -> bool:
    """Write ``done`` and begin the row ``begin``; False where that row is ours no more."""
    outcome = done or _NOTHING
    if done is not None:
        crash.point("before-result")
    with connection.cursor() as cursor:
        cursor.execute(
            _STEP,
            {
                "owner": str(owner),
                "settle": outcome.pk,
                "state": str(outcome.state),
                "held_as": [str(state) for state in outcome.held_as],
                "reason": outcome.reason,
                "code": outcome.code,
                "text": outcome.text,
                "wait": clock.seconds(outcome.wait.total_seconds()),
                "tried": int(outcome.is_tried),
                "begin": begin or 0,
                "ahead": clock.ahead(),
                "lease": clock.seconds(lease_seconds),
            },
        )
        is_begun = bool(cursor.fetchone()[0])
    if done is not None:
        crash.point("after-result")
    return is_begun


def release(owner: UUID, ids: Sequence[int]) -> None:
    """Give rows back that were claimed but never begun."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, {"ids": list(ids), "owner": str(owner)})


def lengthen(owner: UUID, pk: int, lease_seconds: int) -> None:
    """Keep the row of a mail server that takes its time; a lease that ran out stays so."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LENGTHEN,
            {
                "id": pk,
                "owner": str(owner),
                "ahead": clock.ahead(),
                "lease": clock.seconds(lease_seconds),
            },
        )
