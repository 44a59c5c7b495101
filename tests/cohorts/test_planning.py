"""A table that counts as empty and is not: what a statement over many people may cost then.

The rows of a transaction that ended in nothing leave pages behind. Analysed, such a table is
planned for as if nobody were in it, and comparing everybody with everybody took minutes."""

import pytest
from django.db import connection, transaction

from cohorts.models import Participant
from cohorts.queries.counts import counts_by_cohort
from tests.cohorts.test_verification_large import populate

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
