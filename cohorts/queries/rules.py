"""Reads for the pages of rules: the list, what a rule can look at, which values people have."""

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from cohorts.enums import CohortStatus, RuleField
from cohorts.models import CohortRule
from cohorts.planning import RuleDraft
from cohorts.queries.places import PLACES, values_in_use
from cohorts.rule_words import rule_words
from projects.models import Project

LOOKED_AT = 20_000
MOST_SHOWN = 200
# What columns there are is read off some of the people: every row of one file has the same.
COLUMNS = """
SELECT DISTINCT jsonb_object_keys(attributes) FROM (
    SELECT attributes FROM cohorts_participant
    WHERE project_id = %s AND attributes <> '{}' LIMIT %s) seen ORDER BY 1 LIMIT %s
"""
VALUES = """
SELECT value FROM (
    SELECT attributes ->> %s AS value FROM cohorts_participant
    WHERE project_id = %s AND attributes ? %s LIMIT %s) seen
WHERE value <> '' GROUP BY value ORDER BY value LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """``asleep`` says why a rule that is in use takes nobody; empty where it works."""

    rule: CohortRule
    words: str
    asleep: str
    is_first: bool
    is_last: bool


def rule_rows(project: Project) -> tuple[RuleRow, ...]:
    """All rules in their order. One query."""
    rules = list(project.cohort_rules.select_related("cohort").order_by("position"))
    return tuple(
        RuleRow(
            rule=rule,
            words=rule_words(draft_of(rule)),
            asleep=_asleep(rule),
            is_first=place == 0,
            is_last=place == len(rules) - 1,
        )
        for place, rule in enumerate(rules)
    )


def draft_of(rule: CohortRule) -> RuleDraft:
    return RuleDraft(
        field=rule.field,
        attribute=rule.attribute,
        values=tuple(rule.values),
        sample_percent=rule.sample_percent,
        keep_together=rule.keep_together,
    )


def columns_in_use(project: Project) -> tuple[str, ...]:
    """Names of further columns that people have. One query."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [project.pk, LOOKED_AT, MOST_SHOWN])
        return tuple(row[0] for row in cursor.fetchall())


def suggestions(project: Project, field: str, attribute: str) -> tuple[str, ...]:
    """Values to choose from; none for a field that has too many, as managers have."""
    if field in PLACES:
        return values_in_use(project, [field])[field][:MOST_SHOWN]
    if field != RuleField.ATTRIBUTE:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(VALUES, [attribute, project.pk, attribute, LOOKED_AT, MOST_SHOWN])
        return tuple(row[0] for row in cursor.fetchall())


def _asleep(rule: CohortRule) -> str:
    if not rule.is_on or rule.cohort.status == CohortStatus.PLANNED:
        return ""
    return _("takes nobody: the cohort is %(status)s") % {
        "status": rule.cohort.get_status_display()
    }
