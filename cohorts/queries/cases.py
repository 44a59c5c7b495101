"""How many people of one cohort ask, were deferred or have problems.

Counted up to MOST, so that the page of a cohort takes the same time whatever its size.
"""

from dataclasses import dataclass

from django.db import connection

from cohorts.models import Cohort

MOST = 1000
# Each on an index that holds open or deferred rows alone.
COUNTS = """
SELECT
    (SELECT count(*) FROM (
        SELECT FROM cohorts_deferral d JOIN cohorts_participant p ON p.id = d.participant_id
        WHERE d.from_cohort_id = %(cohort)s AND d.status = 'asked' AND p.status = 'active'
        LIMIT %(most)s) AS asked),
    (SELECT count(*) FROM (
        SELECT FROM cohorts_membership m JOIN cohorts_participant p ON p.id = m.participant_id
        WHERE m.deferred_from_id = %(cohort)s AND p.status = 'active'
        LIMIT %(most)s) AS away),
    (SELECT count(*) FROM (
        SELECT FROM cohorts_problem b JOIN cohorts_participant p ON p.id = b.participant_id
        WHERE b.cohort_id = %(cohort)s AND b.status = 'open' AND p.status = 'active'
        LIMIT %(most)s) AS problems),
    (SELECT count(*) FROM (
        SELECT FROM cohorts_problem b JOIN cohorts_participant p ON p.id = b.participant_id
        WHERE b.cohort_id = %(cohort)s AND b.status = 'open' AND b.is_blocking
          AND p.status = 'active'
        LIMIT %(most)s) AS blocking)
"""


@dataclass(frozen=True, slots=True)
class CohortCases:
    """Active people and their problems: ``asked`` wait for a decision, ``away`` were deferred out
    of the cohort, ``problems`` are open, ``blocking`` those that block the switch."""

    asked: int
    away: int
    problems: int
    blocking: int

    @property
    def is_quiet(self) -> bool:
        return not (self.asked or self.away or self.problems)


def cohort_cases(cohort: Cohort) -> CohortCases:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"cohort": cohort.pk, "most": MOST})
        return CohortCases(*cursor.fetchone())
