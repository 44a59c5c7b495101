"""What a statement over many people costs where PostgreSQL takes their tables for small ones.

The rows of a transaction that ended in nothing leave pages behind. Analysed, such a table is
planned for as if nobody were in it, and comparing everybody with everybody took minutes. Here a
statement has half a minute; each of these tests took longer than that without what they test."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from cohorts.models import Participant
from cohorts.queries.counts import counts_by_cohort
from cohorts.services.roster import import_people
from cohorts.services.undo import undo_import
from playbooks.library import get_playbook
from tests.cohorts import test_verification_large as exports
from tests.cohorts.test_import_many import HEADER, row
from tests.factories.cohorts import CohortFactory, MembershipFactory

pytestmark = pytest.mark.django_db
PEOPLE = 30_000
TABLES = [f"cohorts_{name}" for name in ("participant", "membership", "rosterbefore", "moderecord")]
ANALYSE = f"ANALYZE {', '.join(TABLES)}"
THOUGHT = """
SELECT bool_and(relpages > 0), sum(reltuples) FROM pg_class
WHERE relname = ANY(%s) AND relkind = 'r'
"""
IS_ANALYSED = """
SELECT count(*) > 0 FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'ShareUpdateExclusiveLock'
"""


@pytest.fixture
def project(project):
    project.playbook_snapshot = get_playbook("teams-upgrade").to_snapshot()
    project.save(update_fields=["playbook_snapshot"])
    return project


def ask(sql: str, *params: object) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()


@pytest.fixture(autouse=True)
def no_autovacuum():
    """It would cut off the pages left behind, and count the rows, in the middle of a test."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(TABLES)} IN SHARE MODE")


@contextmanager
def ending_in_nothing() -> Iterator[None]:
    """Pages stay behind, and what an analysis found; rows and locks do not."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def within_half_a_minute():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '30s'")
        yield
        check(cursor)
        cursor.execute("SET LOCAL statement_timeout = 0")


def check(cursor) -> None:
    """Foreign keys, as a commit does."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def thought_empty(project, manager, within_half_a_minute):
    """The four tables have pages and, for all the planner knows, no rows."""
    with ending_in_nothing():
        import_twice(project, manager, 1_000)
    with ending_in_nothing():
        see_everybody(project, manager, 1_000)
    with ending_in_nothing(), connection.cursor() as cursor:
        cursor.execute(ANALYSE)
    assert ask(THOUGHT, TABLES) == (True, 0)


def people_counted(project) -> int:
    return sum(counts.people for counts in counts_by_cohort([project.pk]).values())


def import_twice(project, manager, people: int) -> None:
    """Everybody into one cohort, then into another."""
    text = HEADER + "".join(row(n) for n in range(people))
    for cohort in CohortFactory.create_batch(2, project=project):
        import_people(
            project=project,
            stream=io.BytesIO(text.encode()),
            acting_user=manager,
            cohort=cohort,
            is_strict=False,
            is_dry_run=False,
        )


def see_everybody(project, manager, people: int) -> None:
    exports.populate(project, people)
    stream = exports.as_csv(exports.rows(people, 0))
    exports.check(project, manager, stream, people, unknown=0)


@pytest.mark.usefixtures("thought_empty")
def test_everybody_joins_and_leaves(project):
    exports.populate(project, PEOPLE)

    assert people_counted(project) == PEOPLE
    Participant.objects.filter(project=project).update(status="left")
    assert people_counted(project) == 0


@pytest.mark.usefixtures("thought_empty")
def test_everybody_is_imported_and_moved_and_moved_back(project, manager):
    import_twice(project, manager, PEOPLE)

    undo_import(project=project, made=project.roster_import, acting_user=manager)

    assert people_counted(project) == PEOPLE


@pytest.mark.usefixtures("thought_empty")
def test_everybodys_mode_is_seen(project, manager):
    """Each line of the history is looked up among the people when the transaction ends."""
    with connection.cursor() as cursor:  # as deep as it is for 100,000 people
        cursor.execute("ALTER INDEX cohorts_participant_pkey SET (fillfactor = 10)")
    see_everybody(project, manager, PEOPLE)


def test_a_table_that_is_known_is_not_analysed_again(project):
    """Two who import at a time would wait for one another."""
    with ending_in_nothing(), connection.cursor() as cursor:
        exports.populate(project, 2_000)
        cursor.execute(ANALYSE)
        assert ask(IS_ANALYSED) == (True,)

    exports.populate(project, 2_000)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cohorts_membership SET granted_at = now()")

    assert ask(IS_ANALYSED) == (False,)


@pytest.mark.usefixtures("within_half_a_minute")
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
        exports.populate(project, PEOPLE)
