"""What departments, countries and offices people name, without reading all of them."""

from collections.abc import Sequence

from django.db import connection

from projects.models import Project

PLACES = ("department", "country", "office")
MOST_VALUES = 500
# One step into the index for every value, instead of a million rows for forty of them.
_STEPS = """
(WITH RECURSIVE step(value, n) AS (
    (SELECT {column}, 1 FROM cohorts_participant
     WHERE project_id = %s AND {column} > '' ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM cohorts_participant
            WHERE project_id = %s AND {column} > step.value ORDER BY {column} LIMIT 1), n + 1
    FROM step WHERE step.value IS NOT NULL AND n < %s
) SELECT '{column}', value FROM step WHERE value IS NOT NULL)
"""


def values_in_use(project: Project, columns: Sequence[str] = PLACES) -> dict[str, tuple[str, ...]]:
    """{column: its values in order, the first 500} for columns of PLACES. One query."""
    if not set(columns) <= set(PLACES):
        raise ValueError(columns)
    found: dict[str, list[str]] = {column: [] for column in columns}
    sql = " UNION ALL ".join(_STEPS.format(column=column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(sql, [project.pk, project.pk, MOST_VALUES] * len(columns))
        for column, value in cursor.fetchall():
            found[column].append(value)
    return {column: tuple(values) for column, values in found.items()}


def is_in_use(project: Project, column: str, value: str) -> bool:
    """Whether anybody of the project has ``value`` there; for the values beyond the first 500."""
    return project.participants.filter(**{column: value}).exists()
