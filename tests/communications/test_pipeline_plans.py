"""Whatever the planner believes of a large ledger, no question of a worker reads it from the start.

While nearly all rows are queued it expects to meet one at once, and would look for it past all that
were sent.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils.timezone import now

from communications.queries.ledger import is_any_held
from communications.services.pipeline import clock
from communications.services.pipeline.claim import BATCH, claim
from communications.services.pipeline.finish import finish_all
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.switch import ensure_switch
from tests.communications.pipeline import due_occurrence

pytestmark = pytest.mark.django_db

QUESTIONS: dict[str, Callable[[], object]] = {
    "claim": lambda: claim(UUID(int=1), BATCH, 60),
    "finish": lambda: finish_all(clock.database_now()),
    "is any held": lambda: is_any_held(now()),
}


def plans_of(ask: Callable[[], object]) -> str:
    """Of all questions of ``ask``, as the planner sees them before each runs."""
    plans: list[str] = []

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.split(None, 1)[0] in ("SELECT", "UPDATE"):
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}", params)
                plans.extend(line for (line,) in cursor.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        ask()
    return "\n".join(plans)


def fill(occurrence: int, state: str, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO communications_delivery (occurrence_id, recipient_key, address, message_id,
                state, reason, not_before, attempts, claims, smtp_text, lease_until)
            SELECT %s, 'p:-' || %s || n, '', uuidv7(), %s, '', now() - interval '1 day', 0, 0, '',
                   CASE WHEN %s = 'claimed' THEN now() + interval '1 hour' END
            FROM generate_series(1, %s) n
            """,
            [occurrence, state, state, state, number],
        )


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("believed", ["queued", "claimed", "sent"])
def test_no_question_of_a_worker_reads_the_whole_ledger(name: str, believed: str) -> None:
    occurrence = due_occurrence(1)
    ensure_switch()
    keep_house()
    fill(occurrence.pk, believed, 20_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE communications_delivery")
    plans = plans_of(QUESTIONS[name])
    assert "communications_delivery" in plans or "delivery_" in plans
    assert "Seq Scan on communications_delivery" not in plans
