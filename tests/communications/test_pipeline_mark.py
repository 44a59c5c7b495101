"""The mark is the last look before the dot: each reason for which a claimed row must stay."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils.timezone import now

from communications.models import Delivery, Message, Occurrence, SendSwitch
from communications.services.pipeline.claim import Claimed, claim
from communications.services.pipeline.claim_statements import PICK
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.leases import lengthen, release
from communications.services.pipeline.statement import WRITE, WRITE_AND_BEGIN
from communications.services.pipeline.step import Mark, Step
from communications.services.pipeline.switch import ensure_switch
from projects.models import Project
from tests.communications.pipeline import due_occurrence, mark, step
from tests.factories.communications import SuppressionFactory

pytestmark = pytest.mark.django_db
OWNER = UUID(int=1)


@pytest.fixture
def mail() -> Claimed:
    """One claimed row."""
    due_occurrence(1)
    ensure_switch()
    keep_house()
    (mail,) = claim(OWNER, 100, 60).mails
    return mail


def test_a_claimed_row_is_marked_once(mail: Claimed) -> None:
    assert mark(mail, 3, OWNER, 60) is True
    row = Delivery.objects.get(pk=mail.pk)
    assert (row.state, row.attempts, row.content_revision) == ("sending", 1, 3)
    assert now() + timedelta(seconds=30) < row.lease_until < now() + timedelta(seconds=90)
    assert mark(mail, 3, OWNER, 60) is False


def test_a_mail_built_from_values_that_no_longer_hold_is_not_marked(mail: Claimed) -> None:
    Occurrence.objects.update(values_version=1)
    assert mark(mail, 3, OWNER, 60) is False
    Occurrence.objects.update(values_version=0)
    assert mark(mail, 3, OWNER, 60) is True


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (Delivery, {"state": "skipped"}),
        (Delivery, {"state": "cancelled"}),
        (Delivery, {"state": "queued"}),
        (Delivery, {"state": "uncertain"}),
        (Delivery, {"owner": uuid4()}),
        (Delivery, {"owner": None}),
        (Delivery, {"lease_until": now() - timedelta(seconds=1)}),
        (Delivery, {"lease_until": None}),
        (Occurrence, {"state": "cancelled"}),
        (Occurrence, {"state": "done"}),
        (Occurrence, {"not_after": now() - timedelta(seconds=1)}),
        (Message, {"status": "paused"}),
        (Message, {"status": "cancelled"}),
        (Project, {"status": "paused"}),
        (Project, {"status": "closed"}),
        (SendSwitch, {"is_on": False}),
        (SendSwitch, {"system_identifier": "elsewhere"}),
        (SendSwitch, {"database_oid": 1}),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else value.__name__,
)
def test_a_row_is_not_marked_when(mail: Claimed, table: type, columns: dict[str, object]) -> None:
    assert table.objects.update(**columns) == 1
    before = Delivery.objects.values().get(pk=mail.pk)
    assert mark(mail, 1, OWNER, 60) is False
    assert Delivery.objects.values().get(pk=mail.pk) == before


def test_a_row_is_not_marked_when_its_address_was_suppressed_since(mail: Claimed) -> None:
    SuppressionFactory(address_key=mail.recipient.address.upper().casefold())
    assert mark(mail, 1, OWNER, 60) is False


def test_only_the_owner_within_its_lease_begins_lengthens_and_releases(mail: Claimed) -> None:
    stranger = uuid4()
    assert step(stranger, begins=[mail.pk]).begun == frozenset()
    release(stranger, [mail.pk])
    assert Delivery.objects.get(pk=mail.pk).state == "claimed"
    Delivery.objects.update(lease_until=now() - timedelta(seconds=1))
    assert step(OWNER, begins=[mail.pk]).begun == frozenset()
    lengthen(OWNER, [mail.pk], 60)
    assert Delivery.objects.get(pk=mail.pk).lease_until < now()


def plan_of(statement: str, params: object) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


def many_rows(mail: Claimed) -> None:
    """Enough for the planner to care: 20,000 sent rows, all but a few in one occurrence."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO communications_delivery (occurrence_id, recipient_key, address, message_id,
                state, reason, not_before, attempts, claims, smtp_text, lease_until)
            SELECT %s, 'p:-' || n, '', gen_random_uuid(),
                   CASE WHEN n %% 2 = 0 THEN 'queued' ELSE 'sent' END, '', now(), 0, 0, '',
                   CASE WHEN n %% 100 = 0 THEN now() END
            FROM generate_series(1, 20000) n
            """,
            [mail.occurrence.pk],
        )
        cursor.execute("ANALYZE communications_delivery")


def test_a_claim_finds_its_rows_by_index(mail: Claimed) -> None:
    many_rows(mail)
    picked = plan_of(
        PICK, {"occurrences": [mail.occurrence.pk], "ahead": "0 seconds", "share": 100}
    )
    assert "delivery_queue" in picked
    assert "Seq Scan on communications_delivery" not in picked


@pytest.mark.parametrize("is_big_when_planned", [True, False])
def test_a_step_finds_its_rows_by_key_whenever_it_was_planned(
    mail: Claimed, is_big_when_planned: bool
) -> None:
    if is_big_when_planned:
        many_rows(mail)
    statement = Step(OWNER, 60)
    statement.write()
    plan = plan_of(WRITE.execute(statement.name), statement.values())
    plan += plan_of(WRITE_AND_BEGIN.execute(statement.name), [*statement.values(), "{}", "{}"])
    statement.close()
    assert "Seq Scan on communications_delivery" not in plan
    used = set(
        re.findall(r"(?:using|Scan on) (delivery_[a-z_]+|communications_delivery_\w+)", plan)
    )
    assert used == {"communications_delivery_pkey"}
    assert "$4" in plan  # a generic plan: made once, whatever the rows


def test_a_mark_outlasts_a_crash_whatever_the_server_is_set_to(mail: Claimed) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        statement = Step(OWNER, 60)
        statement.write(marks=[Mark(mail.pk, mail.occurrence.pk, 1, mail.address_key)])
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
        statement.close()


def test_the_settings_of_the_session_are_left_as_they_were(mail: Claimed) -> None:
    step(OWNER, begins=[mail.pk])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)
        for name, value in (("plan_cache_mode", "auto"), ("enable_seqscan", "on")):
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == (value,)


def test_a_claim_costs_the_same_for_one_and_for_three(
    django_assert_num_queries: Any,
) -> None:
    for people in (1, 3):
        due_occurrence(people)
        keep_house()
        with django_assert_num_queries(11):
            assert len(claim(OWNER, 100, 60).mails) == people
