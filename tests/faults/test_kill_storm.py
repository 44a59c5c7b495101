"""`kill -9` in the middle of a thousand mails, again and again."""

import random
import time
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
from django.db import connection

from communications.enums import DELIVERY_TRANSITIONS, DeliveryState
from communications.models import Delivery
from tests.communications.pipeline import due_occurrence
from tests.faults.processes import Mailserver, finish, kill, start_worker
from tests.faults.truth import check_promise

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PEOPLE = 1000
KILLS = 24
WORKERS = 3

_WATCH = """
    CREATE TABLE watched (old text, new text);
    CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO watched VALUES (OLD.state, NEW.state); RETURN NULL; END $$;
    CREATE TRIGGER watch AFTER UPDATE OF state ON communications_delivery
        FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION watch();
"""
_FORGET = """
    DROP TRIGGER watch ON communications_delivery; DROP FUNCTION watch(); DROP TABLE watched;
"""


def fill(cohort: object) -> None:
    """People and memberships at once, as an import makes them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH people AS (
                INSERT INTO cohorts_participant (public_id, project_id, key, upn, mail,
                    display_name, object_id, sip_address, department, office, country,
                    usage_location, language, manager, status, created_at)
                SELECT gen_random_uuid(), %s, 'p' || n || '@x.example', 'p' || n || '@x.example',
                    '', 'Person ' || n, '', '', '', '', '', '', '', '', 'active', now()
                FROM generate_series(1, %s) n
                RETURNING id
            )
            INSERT INTO cohorts_membership (participant_id, cohort_id, kind, joined_at)
            SELECT id, %s, %s, now() FROM people
            """,
            [cohort.project_id, PEOPLE, cohort.pk, cohort.kind],
        )


def patient() -> BaseProcess:
    """It also waits for what the dead hold."""
    return start_worker(is_patient=True)


def storm(server: Mailserver, chance: random.Random) -> None:
    """KILLS workers die, spread over the mails: a little after the server has so and so many."""
    crew: list[BaseProcess] = [patient() for _worker in range(WORKERS)]
    for moment in sorted(chance.sample(range(PEOPLE * 7 // 10), KILLS)):
        while server.count() < moment:
            time.sleep(0.005)
            crew = [one if one.is_alive() else patient() for one in crew]
        time.sleep(chance.uniform(0.0, 0.02))
        place = chance.randrange(WORKERS)
        kill(crew[place])
        crew[place] = patient()
    for process in crew:
        process.join(60)


def test_nothing_is_sent_twice_or_lost(mailserver: Mailserver, settings: Any) -> None:
    settings.SEND_LEASE_SECONDS = 2
    occurrence = due_occurrence(0)
    fill(occurrence.cohort)
    with connection.cursor() as cursor:
        cursor.execute(_WATCH)
    try:
        storm(mailserver, random.Random(7))  # noqa: S311
        finish()
        states = check_promise(occurrence, PEOPLE, mailserver)
        assert states["uncertain"] <= KILLS * settings.SEND_CONNECTIONS
        moves = set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT old, new FROM watched")
            moves = {(DeliveryState(old), DeliveryState(new)) for old, new in cursor.fetchall()}
    finally:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET)
    assert [m for m in moves if m[1] not in DELIVERY_TRANSITIONS[m[0]]] == []
    assert (DeliveryState.CLAIMED, DeliveryState.QUEUED) in moves
    assert Delivery.objects.filter(lease_until__isnull=False).count() == 0
