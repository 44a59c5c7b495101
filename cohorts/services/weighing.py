"""Works out who belongs where by a project's rules, in a temporary table of this transaction.

Nobody is moved here. One pass over the people finds all rules that fit each of them; the first in
order wins. Only cohorts with places need more: there people come in as groups that are kept
together, in an order that a hash gives them, so that every run weighs alike.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from cohorts.enums import CohortStatus, Placement
from cohorts.models import Cohort, CohortRule
from cohorts.planning import CHOICE, DEFERRAL, HAND, WHITE_GLOVE, PlacementChoice
from cohorts.queries.fitting import HASH, Sql, condition, group_of
from cohorts.queries.rules import draft_of

# Everything but rules and what has a word of its own counts as somebody's hand.
TICKS = {
    CHOICE: [Placement.CHOICE],
    DEFERRAL: [Placement.DEFERRAL],
    HAND: [Placement.HAND, Placement.FILE, Placement.SPLIT, Placement.MERGE],
}
# rules: numbers of the rules that fit, in order. pilot, wave: where the person is. hold_…: why
# they stay there. won: the rule that takes them.
WEIGH = """
CREATE TEMPORARY TABLE weighed ON COMMIT DROP AS
SELECT p.id, f.rules, pilot.cohort_id AS pilot, wave.cohort_id AS wave,
    {hold_pilot} AS hold_pilot, {hold_wave} AS hold_wave,
    CASE WHEN f.rules[1] = ANY(%s) THEN f.rules[1] END AS won
FROM cohorts_participant p
CROSS JOIN LATERAL (SELECT array_remove(ARRAY[{fits}]::smallint[], NULL) AS rules) f
LEFT JOIN cohorts_membership pilot ON pilot.participant_id = p.id AND pilot.kind = 'pilot'
LEFT JOIN cohorts_cohort pc ON pc.id = pilot.cohort_id
LEFT JOIN cohorts_membership wave ON wave.participant_id = p.id AND wave.kind = 'wave'
LEFT JOIN cohorts_cohort wc ON wc.id = wave.cohort_id
WHERE p.project_id = %s AND p.status = 'active' AND f.rules <> '{{}}'
"""
HOLD = """CASE
    WHEN pilot.switched_at IS NOT NULL OR wave.switched_at IS NOT NULL THEN 'switched'
    WHEN {cohort}.frozen_at IS NOT NULL THEN 'frozen'
    WHEN p.is_white_glove AND %s THEN 'white_glove'
    WHEN {member}.placed_by = ANY(%s) THEN 'choice'
    WHEN {member}.placed_by = ANY(%s) THEN 'deferral'
    WHEN {member}.placed_by = ANY(%s) THEN 'hand'
END"""

TAKE = "UPDATE weighed SET won = %s WHERE won IS NULL AND %s = ANY(rules)"
# Whoever is here already takes no further place, and groups that are here come first. A group
# larger than what is left at all does not stand in the way of the others.
TAKE_WITHIN = """
WITH free AS (
    SELECT w.id, {group} AS mates, {hash} AS place,
        w.{kind} = %(cohort)s AS is_here, w.{kind} IS DISTINCT FROM %(cohort)s
            AND w.hold_{kind} IS NULL AS is_new
    FROM weighed w JOIN cohorts_participant p ON p.id = w.id
    WHERE w.won IS NULL AND %(rule)s = ANY(w.rules)
), sized AS (
    SELECT mates, min(place) AS place, coalesce(bool_or(is_here), FALSE) AS is_here,
        count(*) FILTER (WHERE is_new) AS cost
    FROM free GROUP BY mates
), filled AS (
    SELECT mates, cost, sum(cost) OVER (ORDER BY is_here DESC, place, mates) AS used
    FROM sized WHERE cost <= %(left)s
), taken AS (
    UPDATE weighed w SET won = %(rule)s FROM free JOIN filled USING (mates)
    WHERE w.id = free.id AND (filled.used <= %(left)s OR filled.cost = 0)
    RETURNING free.is_new
)
SELECT count(*) FILTER (WHERE is_new) FROM taken
"""


def awake_rules(rules: Sequence[CohortRule]) -> list[CohortRule]:
    """Rules in use whose cohort is still planned, in order: a rule adds nobody after a switch."""
    return [r for r in rules if r.is_on and r.cohort.status == CohortStatus.PLANNED]


def weigh(project_id: int, rules: Sequence[CohortRule], choice: PlacementChoice) -> None:
    """Fill the temporary table ``weighed`` with everybody whom one of ``rules`` fits.

    ``rules`` are awake and in order, with their cohorts. Call it inside a transaction.
    """
    salt = str(project_id)
    fits = [_fits(rule, salt) for rule in rules]
    endless = [rule.position for rule in rules if rule.cohort.capacity is None]
    holds = [_hold(member, choice) for member in ("pilot", "wave")]
    statement = WEIGH.format(
        fits=", ".join(fit.text for fit in fits) or "NULL",
        hold_pilot=holds[0].text,
        hold_wave=holds[1].text,
    )
    given = [*holds[0].params, *holds[1].params, endless, *(x for fit in fits for x in fit.params)]
    with connection.cursor() as cursor:
        # Enough for the hash tables of a large organisation; for this transaction alone.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("DROP TABLE IF EXISTS pg_temp.weighed")
        cursor.execute(statement, [*given, project_id])
        cursor.execute("ANALYZE weighed")
    if len(endless) < len(rules):
        _take_in_order(rules, salt)


def _take_in_order(rules: Sequence[CohortRule], salt: str) -> None:
    """Whoever a cohort with places fits first: rule by rule, within what is left."""
    left = {rule.cohort_id: _places_left(rule.cohort) for rule in rules}
    with connection.cursor() as cursor:
        for rule in rules:
            places = left[rule.cohort_id]
            if places is None:
                cursor.execute(TAKE, [rule.position, rule.position])
                continue
            left[rule.cohort_id] = places - _take_within(cursor, rule, places, salt)


def _take_within(cursor: Any, rule: CohortRule, places: int, salt: str) -> int:
    """How many of ``places`` the rule's people take, group by group as long as one fits."""
    group = group_of(rule)
    statement = TAKE_WITHIN.format(
        group=group, hash=HASH.format(text=group).replace("%s", "%(salt)s"), kind=rule.cohort.kind
    )
    taken = 0
    while True:
        given = {"cohort": rule.cohort_id, "rule": rule.position, "left": places - taken}
        cursor.execute(statement, {**given, "salt": salt})
        more: int = cursor.fetchone()[0]
        taken += more
        if not more:
            return taken


def _places_left(cohort: Cohort) -> int | None:
    """Nobody's place is counted as free before they are gone, so the plan always fits."""
    if cohort.capacity is None:
        return None
    members = cohort.memberships.filter(participant__status="active").count()
    return max(cohort.capacity - members, 0)


def _fits(rule: CohortRule, salt: str) -> Sql:
    """The rule's number where it fits, else NULL."""
    fits = condition(draft_of(rule), salt)
    return Sql(f"CASE WHEN {fits.text} THEN {rule.position:d} END", fits.params)


def _hold(member: str, choice: PlacementChoice) -> Sql:
    text = HOLD.format(member=member, cohort=f"{member[0]}c")
    stays = [[] if tick in choice.also else [p.value for p in TICKS[tick]] for tick in TICKS]
    return Sql(text, [WHITE_GLOVE not in choice.also, *stays])
