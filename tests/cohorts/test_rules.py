"""The rules of a project and their order."""

import pytest
from django.db import connection

from cohorts.enums import CohortStatus
from cohorts.exceptions import CohortError
from cohorts.models import CohortRule
from cohorts.planning import RuleDraft
from cohorts.queries.rules import draft_of
from cohorts.rule_words import placement_note, rule_words
from cohorts.services.rules import (
    EDIT_FIELDS,
    MOST_RULES,
    add_rule,
    move_rule,
    remove_rule,
    turn_rule,
    update_rule,
)
from common.exceptions import Conflict
from projects.exceptions import PlanChanged
from projects.fingerprint import fingerprint
from projects.models import Event
from tests.factories.cohorts import CohortFactory

SALES = RuleDraft(field="department", values=("Sales",))
ALL = RuleDraft(field="everybody")


@pytest.fixture
def wave(project):
    return CohortFactory(project=project, name="Wave 1")


def order(project) -> list[tuple[int, str]]:
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    return list(CohortRule.objects.filter(project=project).values_list("position", "field"))


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (ALL, "everybody"),
        (SALES, "department is Sales"),
        (RuleDraft(field="office", values=("A", "B")), "office is A or B"),
        (RuleDraft(field="country", values=tuple("ABCDE")), "country is A, B, C or 2 more"),
        (
            RuleDraft(
                field="attribute",
                attribute="Floor",
                values=("3",),
                sample_percent=10,
                keep_together="manager",
            ),
            "Floor is 3, about 10 % of them, keeping each manager together",
        ),
    ],
)
def test_rule_words(draft, words):
    assert rule_words(draft) == words
    assert placement_note(2, draft) == f"Rule 2: {words}"


def test_rules_are_added_in_order_with_an_event_each(project, manager, wave):
    for draft in (SALES, ALL):
        add_rule(cohort=wave, draft=draft, acting_user=manager)
    assert order(project) == [(1, "department"), (2, "everybody")]
    assert list(Event.objects.order_by("pk").values_list("verb", "sentence")) == [
        ("rule.added", "Rule added for “Wave 1”: department is Sales."),
        ("rule.added", "Rule added for “Wave 1”: everybody."),
    ]


@pytest.mark.parametrize(
    "draft",
    [
        RuleDraft(field="shoe size", values=("42",)),
        RuleDraft(field="department"),
        RuleDraft(field="department", values=("",)),
        RuleDraft(field="attribute", values=("x",)),
        RuleDraft(field="everybody", sample_percent=0),
        RuleDraft(field="everybody", sample_percent=101),
        RuleDraft(field="everybody", keep_together="country"),
        RuleDraft(field="department", values=tuple(map(str, range(501)))),
    ],
)
def test_a_rule_that_says_nothing_is_refused(manager, wave, draft):
    with pytest.raises(CohortError):
        add_rule(cohort=wave, draft=draft, acting_user=manager)
    assert CohortRule.objects.count() == 0


def test_no_rule_fills_what_is_not_planned(manager, wave):
    wave.status = CohortStatus.SWITCHED
    wave.save()
    with pytest.raises(CohortError):
        add_rule(cohort=wave, draft=ALL, acting_user=manager)


def test_there_are_at_most_sixty_rules(project, manager, wave):
    CohortRule.objects.bulk_create(
        CohortRule(project=project, cohort=wave, position=n, field="everybody")
        for n in range(1, MOST_RULES + 1)
    )
    with pytest.raises(CohortError):
        add_rule(cohort=wave, draft=ALL, acting_user=manager)


def test_move_rule_lets_two_change_places_and_stops_at_the_ends(project, manager, wave):
    first = add_rule(cohort=wave, draft=SALES, acting_user=manager)
    second = add_rule(cohort=wave, draft=ALL, acting_user=manager)
    move_rule(rule=first, direction="up", acting_user=manager)
    assert order(project) == [(1, "department"), (2, "everybody")]
    move_rule(rule=second, direction="up", acting_user=manager)
    assert order(project) == [(1, "everybody"), (2, "department")]
    move_rule(rule=second, direction="down", acting_user=manager)
    move_rule(rule=second, direction="down", acting_user=manager)
    assert order(project) == [(1, "department"), (2, "everybody")]


def test_turn_update_and_remove(project, manager, wave):
    first = add_rule(cohort=wave, draft=SALES, acting_user=manager)
    second = add_rule(cohort=wave, draft=ALL, acting_user=manager)
    seen = fingerprint(second, EDIT_FIELDS)
    assert turn_rule(rule=first, is_on=False, acting_user=manager).is_on is False
    tenth = RuleDraft(field="everybody", sample_percent=10)
    update_rule(rule=second, cohort=wave, draft=tenth, acting_user=manager, seen=seen)
    with pytest.raises(PlanChanged):
        update_rule(rule=second, cohort=wave, draft=ALL, acting_user=manager, seen=seen)
    remove_rule(rule=first, acting_user=manager)
    with pytest.raises(Conflict):
        remove_rule(rule=CohortRule(pk=first.pk, project=project), acting_user=manager)
    assert order(project) == [(1, "everybody")]
    assert draft_of(CohortRule.objects.get()) == tenth
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True))[2:] == [
        "rule.turned",
        "rule.changed",
        "rule.removed",
    ]
