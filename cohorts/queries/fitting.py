"""Whom a rule fits, as SQL over the participant ``p``; and whom it would split off a cohort.

What is put together here are our own constants; every value is a parameter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from cohorts.enums import RuleField
from cohorts.models import Cohort, CohortRule
from cohorts.planning import RuleDraft, SplitFigures

COLUMNS = {
    RuleField.DEPARTMENT: "p.department",
    RuleField.COUNTRY: "p.country",
    RuleField.OFFICE: "p.office",
    RuleField.MANAGER: "lower(p.manager)",
}
# A number from 0 to 2^32-1: the same for a project and a text, today and in ten years.
HASH = "('x' || left(md5(%s || chr(31) || {text}), 8))::bit(32)::bigint"
ALL = 2**32

# Whoever chose this date, and white-glove people, are not split off.
MAY_GO = "m.placed_by <> 'choice' AND NOT p.is_white_glove"
MEMBERS = """
FROM cohorts_participant p JOIN cohorts_membership m ON m.participant_id = p.id
WHERE m.cohort_id = %s AND p.status = 'active' AND m.switched_at IS NULL AND {fits}
"""
SPLIT = f"""
SELECT count(*) FILTER (WHERE {MAY_GO}), count(*) FILTER (WHERE NOT ({MAY_GO})),
    coalesce(bit_xor(hashint8extended(p.id, 0)) FILTER (WHERE {MAY_GO}), 0)
"""


@dataclass(frozen=True, slots=True)
class Sql:
    text: str
    params: Sequence[Any]


def condition(draft: RuleDraft, salt: str) -> Sql:
    """Whether ``draft`` fits the participant ``p``. One salt and one text give the same people in
    a sample, always."""
    conditions: list[str] = ["TRUE"]
    params: list[Any] = []
    if draft.field == RuleField.ATTRIBUTE:
        conditions.append("p.attributes ->> %s = ANY(%s)")
        params += [draft.attribute, list(draft.values)]
    elif draft.field == RuleField.MANAGER:
        conditions.append(f"{COLUMNS[RuleField.MANAGER]} = ANY(%s)")
        params.append([value.lower() for value in draft.values])
    elif draft.field != RuleField.EVERYBODY:
        conditions.append(f"{COLUMNS[RuleField(draft.field)]} = ANY(%s)")
        params.append(list(draft.values))
    if draft.sample_percent is not None:
        conditions.append(f"{HASH.format(text=group_of(draft))} < %s")
        params += [salt, draft.sample_percent * ALL // 100]
    return Sql(" AND ".join(conditions), params)


def group_of(rule: RuleDraft | CohortRule) -> str:
    """What people share who come together or not at all; without a value, each is alone."""
    if not rule.keep_together:
        return "p.key"
    column = COLUMNS[RuleField(rule.keep_together)]
    return f"CASE WHEN {column} = '' THEN p.key ELSE {column} END"


def split_condition(cohort: Cohort, draft: RuleDraft) -> Sql:
    """``condition`` with a salt that is not the project's own: a cohort that was filled by a sample
    could not be split by one."""
    return condition(draft, f"{cohort.project_id}/{cohort.pk}")


def split_off(cohort: Cohort, draft: RuleDraft) -> Sql:
    """The ids of whom ``draft`` splits off ``cohort``, as a query."""
    fits = split_condition(cohort, draft)
    text = f"SELECT p.id {MEMBERS.format(fits=fits.text)} AND {MAY_GO}"
    return Sql(text, [cohort.pk, *fits.params])


def split_figures(cohort: Cohort, draft: RuleDraft) -> SplitFigures:
    """Whom ``draft`` would split off ``cohort``. One query."""
    fits = split_condition(cohort, draft)
    with connection.cursor() as cursor:
        cursor.execute(SPLIT + MEMBERS.format(fits=fits.text), [cohort.pk, *fits.params])
        return SplitFigures(*cursor.fetchone())
