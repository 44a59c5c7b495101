"""Makes the rows: one for each person of the audience, by the database, in chunks with a cursor.

Sends nothing and decides nothing but "has no address". Running a chunk again adds nothing.
"""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import F, QuerySet, Value
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from cohorts.models import Participant
from common.state import change_status
from communications import audiences
from communications.enums import OCCURRENCE_TRANSITIONS, LatePolicy, OccurrenceState
from communications.mailer import crash
from communications.models import Occurrence, TeamsChannel
from communications.queries.audience import Person, address_in, people_of
from communications.queries.zones import (
    Place,
    country_in,
    is_spread,
    last_moment,
    moments,
)
from communications.services.pipeline import clock
from communications.timing import Moment
from projects.models import Stakeholder

CHUNK = 10_000
# Which column of a row says who it is, and the letter of its key.
_COLUMNS = {
    Participant: ("participant_id", "p:"),
    Stakeholder: ("stakeholder_id", "s:"),
    TeamsChannel: ("channel_id", "c:"),
}
# {people} is the audience's own query, made by Django; all values are parameters. Message-IDs
# that grow keep together in their index what is written together: with random ones each row of a
# million would dirty a page of its own, now and with each of its later states.
_INSERT = """
    WITH chunk (person, address, zone, country) AS ({people}),
    moments (zone, country, at) AS (
        SELECT * FROM unnest(%s::text[], %s::text[], %s::timestamptz[])
    ),
    added AS (
        INSERT INTO communications_delivery (
            occurrence_id, {column}, recipient_key, address, message_id, state, reason,
            not_before, attempts, claims, smtp_text, is_short
        )
        SELECT %s, person, %s || person, '', uuidv7(),
               CASE WHEN btrim(address) = '' THEN 'skipped' ELSE 'queued' END,
               CASE WHEN btrim(address) = '' THEN %s ELSE '' END,
               greatest(clock_timestamp() + %s::interval, coalesce(moments.at, %s)), 0, 0, '',
               %s
        FROM chunk LEFT JOIN moments USING (zone, country)
        ON CONFLICT (occurrence_id, recipient_key) DO NOTHING
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM added), count(*), max(person) FROM chunk
"""


def expand_all(at: datetime) -> int:
    """One chunk for each occurrence that collects its people. How many chunks were done."""
    collecting = Occurrence.objects.filter(state=OccurrenceState.EXPANDING).order_by("due_at", "pk")
    done = 0
    for pk in collecting.values_list("pk", flat=True):
        done += expand_chunk(pk, at)
        crash.point("after-expand")
    return done


@transaction.atomic
def expand_chunk(pk: int, at: datetime) -> bool:
    """The next CHUNK people of an occurrence; after the last ones it is ``sending``.

    The lock on the occurrence keeps a second worker away, and orders this chunk and a withdrawal:
    `outbox.withdraw` takes a shared one.
    """
    occurrence = (
        Occurrence.objects.filter(pk=pk, state=OccurrenceState.EXPANDING)
        .select_related("message", "project", "cohort")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    if occurrence is None or occurrence.message.audience_kind not in audiences.kinds():
        return False
    people = people_of(occurrence, at)
    found = moments(occurrence)
    seen, last = _insert(occurrence, people, found)
    if last is not None:
        Occurrence.objects.filter(pk=pk).update(
            expansion_cursor=last, not_after=last_moment(occurrence, found.values())
        )
    if seen < CHUNK:
        change_status(
            occurrence, OccurrenceState.SENDING, transitions=OCCURRENCE_TRANSITIONS, field="state"
        )
    crash.point("before-expand")
    return True


def _insert(
    occurrence: Occurrence, people: QuerySet[Person], found: Mapping[Place, Moment]
) -> tuple[int, int | None]:
    """Insert one chunk; how many people it held, and the last one's id."""
    column, letter = _COLUMNS[people.model]
    chunk = (
        people.order_by("pk")
        .filter(pk__gt=occurrence.expansion_cursor)
        .values_list("pk", address_in(people), *_place_in(people))[:CHUNK]
    )
    try:
        sql, params = chunk.query.sql_with_params()
    except EmptyResultSet:
        return 0, None
    insert = _INSERT.format(people=sql, column=column)
    values = [
        *params,
        *([place.zone for place in found], [place.country for place in found]),
        [moment.due_at for moment in found.values()],
        *(occurrence.pk, letter, _("no address")),
        *(clock.ahead(), occurrence.due_at if is_spread(occurrence) else None),
        _is_late(occurrence),
    ]
    with connection.cursor() as cursor:
        cursor.execute(insert, values)
        _added, seen, last = cursor.fetchone()
    return seen, last


def _place_in(people: QuerySet[Person]) -> tuple[Combinable, Combinable]:
    """Zone and country as in `zones.Place`; empty where nobody asks them."""
    if people.model is not Participant:
        return Value(""), Value("")
    return F("timezone"), country_in()


def _is_late(occurrence: Occurrence) -> bool:
    """Whether who is collected now joined late, and gets less than the others."""
    policy = occurrence.message.late_policy
    return occurrence.caught_up_at is not None and policy == LatePolicy.SHORT
