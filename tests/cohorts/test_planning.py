"""What a statement over many people costs where PostgreSQL takes their table for a small one.

The rows of a transaction that ended in nothing leave pages behind. Analysed, such a table is
planned for as if nobody were in it, and comparing everybody with everybody took minutes."""

import pytest
from django.db import connection, transaction

from cohorts.models import Participant
from cohorts.queries.counts import counts_by_cohort
from tests.cohorts.test_verification_large import populate
from tests.factories.cohorts import CohortFactory, MembershipFactory

pytestmark = pytest.mark.django_db
PEOPLE = 30_000


def planner_loops() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('enable_nestloop')")
        return cursor.fetchone()[0]


@pytest.fixture
def misjudged(project):
    """Both tables have pages and, for all the planner knows, no rows."""
    with transaction.atomic():
        populate(project, 2_000)
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cohorts_participant, cohorts_membership")
        cursor.execute("SET LOCAL statement_timeout = '60s'")
        yield
        cursor.execute("SET LOCAL statement_timeout = 0")


def people_counted(project) -> int:
    return sum(counts.people for counts in counts_by_cohort([project.pk]).values())


def test_everybody_joins_and_leaves_a_table_that_counts_as_empty(misjudged, project):
    populate(project, PEOPLE)

    assert planner_loops() == "off"
    assert people_counted(project) == PEOPLE
    Participant.objects.filter(project=project).update(status="left")
    assert people_counted(project) == 0


def test_a_table_that_is_known_is_planned_as_ever(project):
    populate(project, 2_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cohorts_participant, cohorts_membership")
        cursor.execute("SET LOCAL enable_nestloop = on")
        cursor.execute("UPDATE cohorts_membership SET granted_at = now()")

    assert planner_loops() == "on"


def test_plans_of_a_small_table_are_not_kept_for_a_large_one(project):
    """A session that checked a few foreign keys would read everybody for each of many."""
    cohort = CohortFactory()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE cohorts_participant CASCADE")
        MembershipFactory.create_batch(3, cohort=cohort)
        check(cursor)
        cursor.execute("ANALYZE cohorts_participant")
        for _time in range(10):  # a plan is kept after a few
            MembershipFactory(cohort=cohort)
            check(cursor)
        populate(project, PEOPLE)
        cursor.execute("SET LOCAL statement_timeout = '30s'")
        check(cursor)
        cursor.execute("SET LOCAL statement_timeout = 0")


def check(cursor) -> None:
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
