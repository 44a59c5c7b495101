"""How many mails may leave now: tokens that all workers take from the one Sender row.

A second's limit is a bucket that holds half a second's worth. The limit of an hour counts the last
sixty whole minutes and this one, so that no hour anywhere has more. What a rehearsal or a wrong
clock believes does not matter here: a rate is about the server's real time.
"""

from dataclasses import dataclass

from django.db import connection

from communications.services.pipeline.sender import NAME

# The row is locked first and looked at second, so that two workers never take the same token.
_TAKE = """
    WITH locked AS MATERIALIZED (
        SELECT id, per_second, per_hour, tokens, tokens_at, lately
        FROM communications_sender WHERE name = %(name)s FOR UPDATE
    ),
    clocked AS MATERIALIZED (
        SELECT *, clock_timestamp() AS at, greatest(1, per_second * 0.5) AS most FROM locked
    ),
    minutes AS MATERIALIZED (
        SELECT c.id, coalesce(sum(m.value::int), 0) AS mails,
               coalesce(jsonb_object_agg(m.key, m.value::int) FILTER (WHERE m.key <> ''), '{}')
                   AS kept
        FROM clocked c
        LEFT JOIN jsonb_each_text(c.lately) AS m
            ON m.key::bigint > floor(extract(epoch FROM c.at) / 60) - 61
        GROUP BY c.id
    ),
    given AS MATERIALIZED (
        SELECT c.id, c.at, c.per_hour, m.kept, m.mails >= c.per_hour AS is_hour_over,
               floor(extract(epoch FROM c.at) / 60)::bigint::text AS minute, b.tokens,
               greatest(0, least(%(wanted)s, floor(b.tokens), c.per_hour - m.mails))::int AS number
        FROM clocked c
        JOIN minutes m USING (id)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN c.per_second IS NOT NULL THEN least(c.most, coalesce(
                c.tokens + c.per_second * greatest(0, extract(epoch FROM c.at - c.tokens_at)),
                c.most
            )) END AS tokens
        ) AS b
    )
    UPDATE communications_sender AS s
    SET tokens = g.tokens - g.number, tokens_at = g.at,
        lately = CASE WHEN g.per_hour IS NULL THEN '{}'::jsonb ELSE g.kept || jsonb_build_object(
            g.minute, coalesce((g.kept ->> g.minute)::int, 0) + g.number
        ) END
    FROM given g
    WHERE s.id = g.id
    RETURNING g.number, coalesce(g.is_hour_over, false)
"""
_GIVE_BACK = """
    UPDATE communications_sender AS s
    SET tokens = s.tokens + %(number)s,
        lately = s.lately || coalesce((
            SELECT jsonb_build_object(m.key, greatest(0, m.value::int - %(number)s))
            FROM jsonb_each_text(s.lately) AS m
            ORDER BY m.key::bigint DESC
            LIMIT 1
        ), '{}')
    WHERE s.name = %(name)s
"""


@dataclass(frozen=True, slots=True)
class Given:
    """``number`` mails may leave. ``is_hour_over``: none for minutes, so nobody waits for it."""

    number: int
    is_hour_over: bool = False


def take(wanted: int) -> Given:
    """Up to ``wanted``, whatever the limits leave; without a Sender row there are none."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"name": NAME, "wanted": wanted})
        row = cursor.fetchone()
    return Given(*row) if row else Given(wanted)


def give_back(number: int) -> None:
    """What was taken and no mail was found for."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"name": NAME, "number": number})
