"""Fills cohorts by the project's rules: a preview first, then exactly that.

What rules do not touch: whoever has switched, whoever is in a frozen cohort, and, unless somebody
ticks it, people placed by hand or file, by their own choice or a deferral, and white-glove people.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import Placement
from cohorts.models import Cohort, CohortRule
from cohorts.planning import CohortDrift, Drifter, PlacementChoice, PlacementPlan, RuleFigures
from cohorts.queries.rules import draft_of
from cohorts.queries.shape import SHOWN
from cohorts.rule_words import placement_note
from cohorts.services.placing import Placed, place
from cohorts.services.weighing import awake_rules, weigh
from common.doorbell import ring
from common.exceptions import Conflict
from projects.models import Project
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User

HERE, JOINS, MOVES, CLOSED = "here", "joins", "moves", "closed"

# Everybody whom a rule takes, and what becomes of them.
DECIDED = """
SELECT w.id, t.rule, t.cohort, t.note, at.cohort AS at, CASE
    WHEN at.cohort = t.cohort THEN 'here' WHEN t.is_closed THEN 'closed'
    WHEN at.hold IS NOT NULL THEN at.hold WHEN at.cohort IS NULL THEN 'joins' ELSE 'moves'
    END AS outcome
FROM weighed w
JOIN unnest(%s::int[], %s::bigint[], %s::text[], %s::text[], %s::boolean[])
    AS t(rule, cohort, kind, note, is_closed) ON t.rule = w.won
CROSS JOIN LATERAL (SELECT
    CASE t.kind WHEN 'pilot' THEN w.pilot ELSE w.wave END AS cohort,
    CASE t.kind WHEN 'pilot' THEN w.hold_pilot ELSE w.hold_wave END AS hold) at
"""
FITTING = """
SELECT r, count(*), count(*) FILTER (WHERE won < r), count(*) FILTER (WHERE won > r OR won IS NULL)
FROM weighed CROSS JOIN LATERAL unnest(rules) AS r GROUP BY r
"""
OUTCOMES = f"""
SELECT rule, at, cohort, outcome, count(*),
    bit_xor(hashtextextended(id::text, cohort * 1000003 + coalesce(at, 0)))
FROM ({DECIDED}) d GROUP BY rule, at, cohort, outcome ORDER BY rule, at NULLS FIRST, outcome
"""  # noqa: S608 - our own constants
UNFIT = """
SELECT count(*) FILTER (WHERE EXISTS (SELECT FROM cohorts_membership m
        WHERE m.participant_id = p.id AND m.placed_by = 'rule' AND m.switched_at IS NULL)),
    count(*) FILTER (WHERE NOT EXISTS (SELECT FROM cohorts_membership m
        WHERE m.participant_id = p.id))
FROM cohorts_participant p
WHERE p.project_id = %s AND p.status = 'active'
  AND NOT EXISTS (SELECT FROM weighed w WHERE w.id = p.id AND w.won IS NOT NULL)
"""
CHOSEN = f"SELECT id, cohort, note FROM ({DECIDED}) d WHERE outcome IN ('joins', 'moves')"  # noqa: S608

COMING = f"""
SELECT p.id, p.display_name, chosen.note FROM ({CHOSEN}) chosen
JOIN cohorts_participant p ON p.id = chosen.id ORDER BY p.display_name, p.id LIMIT %s
"""  # noqa: S608
# Placed here by a rule, and now no rule or one of another cohort takes them.
STRAYS = """
FROM cohorts_membership m JOIN cohorts_participant p ON p.id = m.participant_id
LEFT JOIN weighed w ON w.id = p.id
WHERE m.cohort_id = %s AND m.placed_by = 'rule' AND m.switched_at IS NULL
  AND p.status = 'active' AND (w.won IS NULL OR w.won <> ALL(%s::int[]))
"""
STRAY_NAMES = f"SELECT p.id, p.display_name, '' {STRAYS} ORDER BY p.display_name, p.id LIMIT %s"


@transaction.atomic
def plan_placement(*, project: Project, choice: PlacementChoice) -> PlacementPlan:
    """What the rules would do now. Writes nothing."""
    return _weighed(project, _rules(project), choice)


@transaction.atomic
def plan_drift(*, cohort: Cohort) -> CohortDrift:
    """What rules would do with the people of a frozen cohort. Writes nothing."""
    choice = PlacementChoice(taking_in=cohort.pk)
    rules = _rules(cohort.project)
    plan = _weighed(cohort.project, rules, choice)
    own = [rule.position for rule in rules if rule.cohort_id == cohort.pk]
    with connection.cursor() as cursor:
        cursor.execute(COMING, [*_targets(rules, choice), SHOWN])
        coming = tuple(Drifter(*row) for row in cursor.fetchall())
        cursor.execute(f"SELECT count(*) {STRAYS}", [cohort.pk, own])
        strays = cursor.fetchone()[0]
        cursor.execute(STRAY_NAMES, [cohort.pk, own, SHOWN])
        stray_names = tuple(Drifter(*row) for row in cursor.fetchall())
    return CohortDrift(plan=plan, coming=coming, strays=strays, stray_names=stray_names)


@transaction.atomic
def apply_placement(
    *, project: Project, choice: PlacementChoice, expected: str, acting_user: "User | None"
) -> Placed:
    """Put people where the rules say; ``expected`` is the digest of the plan that somebody saw.

    Raises Conflict when the plan came out differently, CohortFull when a place was taken meanwhile.
    """
    require_open(project)
    # All of them, by id: whoever puts people into one, or switches it, comes before us or after.
    list(Cohort.objects.select_for_update(no_key=True).filter(project=project).order_by("pk"))
    rules = _rules(project)
    plan = _weighed(project, rules, choice)
    if plan.digest != expected:
        raise Conflict(_("People or rules have changed since this preview. Look at it once more."))
    placed = place(CHOSEN, _targets(rules, choice), placed_by=Placement.RULE)
    _record(project, plan, placed, acting_user)
    ring("projects.tasks.measure_project_goals", project.pk)
    return placed


def _rules(project: Project) -> list[CohortRule]:
    rules = CohortRule.objects.filter(project=project).select_related("cohort")
    return awake_rules(list(rules.order_by("position")))


def _targets(rules: Sequence[CohortRule], choice: PlacementChoice) -> list[list[Any]]:
    return [
        [rule.position for rule in rules],
        [rule.cohort_id for rule in rules],
        [rule.cohort.kind for rule in rules],
        [placement_note(rule.position, draft_of(rule)) for rule in rules],
        [_is_closed(rule.cohort, choice) for rule in rules],
    ]


def _is_closed(cohort: Cohort, choice: PlacementChoice) -> bool:
    if choice.taking_in is not None:
        return cohort.pk != choice.taking_in
    return cohort.frozen_at is not None


def _weighed(
    project: Project, rules: Sequence[CohortRule], choice: PlacementChoice
) -> PlacementPlan:
    weigh(project.pk, rules, choice)
    targets = _targets(rules, choice)
    names = dict(Cohort.objects.filter(project=project).values_list("pk", "name"))
    with connection.cursor() as cursor:
        cursor.execute(FITTING)
        fitting = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(OUTCOMES, targets)
        outcomes = cursor.fetchall()
        cursor.execute(UNFIT, [project.pk])
        outgrown, nowhere = cursor.fetchone()
    moving = [row for row in outcomes if row[3] in (JOINS, MOVES)]
    mark = 0
    for row in moving:
        mark ^= row[5]
    return PlacementPlan(
        choice=choice,
        rules=tuple(_figures(rule.position, fitting, outcomes) for rule in rules),
        moves=_moves(moving, names),
        outgrown=outgrown,
        nowhere=nowhere,
        mark=mark,
        words=tuple(
            f"{words} → {names[pk]}" for words, pk in zip(targets[3], targets[1], strict=True)
        ),
    )


def _figures(
    position: int, fitting: dict[int, tuple[int, ...]], outcomes: Sequence[tuple[Any, ...]]
) -> RuleFigures:
    fits, lost, full = fitting.get(position, (0, 0, 0))
    counts: dict[str, int] = defaultdict(int)
    for rule, _at, _cohort, outcome, people, _mark in outcomes:
        if rule == position:
            counts[outcome] += people
    known = {name: counts.pop(name, 0) for name in (HERE, JOINS, MOVES)}
    return RuleFigures(
        position=position, fits=fits, lost=lost, full=full, stays=dict(counts), **known
    )


def _moves(
    moving: Sequence[tuple[Any, ...]], names: dict[int, str]
) -> tuple[tuple[str | None, str, int], ...]:
    found: dict[tuple[int | None, int], int] = defaultdict(int)
    for _rule, at, cohort, _outcome, people, _mark in moving:
        found[at, cohort] += people
    return tuple(
        (names[at] if at is not None else None, names[cohort], people)
        for (at, cohort), people in found.items()
    )


def _record(
    project: Project, plan: PlacementPlan, placed: Placed, acting_user: "User | None"
) -> None:
    people = placed.joined + placed.moved
    sentence = ngettext(
        "Rules applied: %(n)s person placed, %(moved)s of them out of another cohort.",
        "Rules applied: %(n)s people placed, %(moved)s of them out of another cohort.",
        people,
    )
    events.record(
        project=project,
        verb="rules.applied",
        sentence=sentence % {"n": people, "moved": placed.moved},
        acting_user=acting_user,
        data={"joined": placed.joined, "moved": placed.moved, "moves": plan.moves},
    )
