"""Finds rows whose worker died: nothing was sent of a claimed one, a marked one is uncertain.

The only place that decides about another worker's rows, and only once their lease has run out.
"""

from collections import Counter
from collections.abc import Iterable

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communications.mailer import crash
from communications.models import Occurrence
from communications.services.pipeline import clock, legacy
from projects.services import events

DEATHS = 5

# Of a marked row the journal of its dead worker may say that no dot counted: then it is as one that
# was only claimed. One of which it says that it was sent is left for the next look.
# `claims` counts the workers that died with the row in hand, begun and without an outcome. Rows
# that merely lay in a dead worker's batch were never begun.
_REAP = """
    WITH lost AS (
        SELECT d.id, o.ambiguity,
               CASE WHEN kept.id IS NULL THEN d.state ELSE 'claimed' END AS was,
               d.claims + coalesce(d.id = ANY(h.ids), false)::int AS claims
        FROM communications_delivery d
        JOIN communications_occurrence o ON o.id = d.occurrence_id
        LEFT JOIN communications_inhand h ON h.owner = d.owner
        LEFT JOIN unnest(%(kept)s::bigint[], %(owners)s::uuid[]) AS kept (id, owner)
            ON kept.id = d.id AND kept.owner = d.owner
        WHERE d.lease_until < (SELECT clock_timestamp() + %(ahead)s::interval)
          AND d.state IN ('claimed', 'sending') AND d.id <> ALL(%(open)s::bigint[])
        ORDER BY d.id
        LIMIT 1000
        FOR UPDATE OF d SKIP LOCKED
    ),
    verdict AS (
        SELECT id, claims, CASE
            WHEN claims >= %(deaths)s AND (was = 'claimed' OR ambiguity = 'resend')
                THEN 'quarantined'
            WHEN was = 'sending' AND ambiguity = 'hold' THEN 'uncertain'
            ELSE 'queued'
        END AS becomes
        FROM lost
    )
    UPDATE communications_delivery AS d
    SET state = v.becomes, claims = v.claims, lease_until = NULL,
        owner = CASE WHEN v.becomes = 'uncertain' THEN d.owner END,
        reason = CASE v.becomes
            WHEN 'uncertain' THEN %(uncertain)s WHEN 'quarantined' THEN %(quarantined)s ELSE ''
        END
    FROM verdict v
    WHERE d.id = v.id
    RETURNING d.occurrence_id, d.state
"""

_FORGET = "DELETE FROM communications_inhand WHERE at < clock_timestamp() - interval '1 day'"


def reap() -> int:
    """Take rows back whose lease has run out; how many. Uncertain ones go into the record."""
    with transaction.atomic():
        reaped = _reap()
        if reaped:
            crash.point("before-reap")
    if reaped:
        crash.point("after-reap")
    return reaped


def _reap() -> int:
    with legacy.of_the_dead() as left:
        found = legacy.settle(left)
        return found.sent + _take_back(found)


def _take_back(found: legacy.Legacy) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            _REAP,
            {
                "ahead": clock.ahead(),
                "deaths": DEATHS,
                "uncertain": _("the worker stopped at the moment of sending"),
                "quarantined": _("workers died five times over this mail"),
                "kept": [pk for pk, _owner in found.kept],
                "owners": [str(owner) for _pk, owner in found.kept],
                "open": found.open,
            },
        )
        reaped = cursor.fetchall()
        cursor.execute(_FORGET)
    _tell(occurrence for occurrence, state in reaped if state == "uncertain")
    return len(reaped)


def _tell(uncertain: Iterable[int]) -> None:
    counts = Counter(uncertain)
    occurrences = Occurrence.objects.select_related("project", "message").in_bulk(counts)
    for pk, number in counts.items():
        events.record(
            project=occurrences[pk].project,
            verb="occurrence.uncertain",
            sentence=ngettext(
                "Nobody knows whether %(n)s mail of “%(title)s” arrived. Decide about it.",
                "Nobody knows whether %(n)s mails of “%(title)s” arrived. Decide about them.",
                number,
            )
            % {"n": number, "title": occurrences[pk].message.title},
            acting_user=None,
            subject=occurrences[pk],
            data={"mails": number},
        )
