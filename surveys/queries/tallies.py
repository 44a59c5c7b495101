"""Counts of answers, made by the database in one statement whatever the number of questions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

# A list counts once for each of its items. Texts are not counted by their words: "" stands for
# every text.
TALLY = """
SELECT q.key, item.value, count(*)
FROM surveys_response r
JOIN surveys_question q ON q.survey_id = r.survey_id
CROSS JOIN LATERAL jsonb_array_elements_text(
    CASE
        WHEN q.kind = 'text' THEN '[""]'::jsonb
        WHEN jsonb_typeof(r.answers -> q.key) = 'array' THEN r.answers -> q.key
        ELSE jsonb_build_array(r.answers -> q.key)
    END
) AS item(value)
WHERE r.survey_id = ANY(%s) AND r.answers -> q.key IS NOT NULL
GROUP BY 1, 2
"""
PEOPLE = """
SELECT q.key, count(*)
FROM surveys_response r
JOIN surveys_question q ON q.survey_id = r.survey_id
WHERE r.survey_id = ANY(%s) AND r.answers -> q.key IS NOT NULL
GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """``counts``: answers by value as text; ``people`` who answered this question at all."""

    counts: dict[str, int] = field(default_factory=dict)
    people: int = 0


def tally(survey_ids: Sequence[int]) -> dict[str, Tally]:
    """{question key: Tally} over these surveys together; two queries."""
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(TALLY, [list(survey_ids)])
        for key, value, number in cursor.fetchall():
            counts[key][value] = number
        cursor.execute(PEOPLE, [list(survey_ids)])
        people = dict(cursor.fetchall())
    return {key: Tally(counts=counts.get(key, {}), people=people[key]) for key in people}
