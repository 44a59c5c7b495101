"""Turns the database's refusal of one person too many into a sentence.

That a cohort never has more active people than places is kept by triggers (migration 0007), so that
no path can forget it. Every service that writes memberships, or makes people active again, writes
inside ``refusing_full``.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, transaction

from cohorts.exceptions import CohortFull
from cohorts.models import Cohort

TOO_MANY = "UT001"


@contextmanager
def refusing_full() -> Iterator[None]:
    """Raises CohortFull where the database found a cohort too small; nothing is written then."""
    try:
        # A savepoint of its own: the name is read after the refusal.
        with transaction.atomic():
            yield
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) != TOO_MANY:
            raise
        found = json.loads(error.__cause__.diag.message_detail)  # type: ignore[union-attr]
        cohort = Cohort.objects.get(pk=found["cohort"])
        raise CohortFull(cohort.name, places=found["places"], people=found["people"]) from error
