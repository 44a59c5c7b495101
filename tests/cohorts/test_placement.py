"""Cohorts filled by rules: the preview, and exactly that."""

import random
from collections import Counter
from datetime import UTC, datetime

import pytest

from cohorts.enums import CohortKind, CohortStatus, ParticipantStatus
from cohorts.models import CohortRule, Membership, Participant
from cohorts.planning import UNTICKED, PlacementChoice, RuleDraft
from cohorts.services.members import assign_people
from cohorts.services.placement import apply_placement, plan_placement
from cohorts.services.rules import add_rule, move_rule, turn_rule
from common.exceptions import Conflict
from projects.models import Event
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory

AT = datetime(2038, 3, 1, 9, tzinfo=UTC)
USUAL = PlacementChoice()


def rule(cohort, field="everybody", values=(), **more) -> CohortRule:
    draft = RuleDraft(field=field, values=tuple(values), **more)
    return add_rule(cohort=cohort, draft=draft, acting_user=None)


def plan(project, choice=USUAL):
    return plan_placement(project=project, choice=choice)


def apply(project, choice=USUAL):
    return apply_placement(
        project=project, choice=choice, expected=plan(project, choice).digest, acting_user=None
    )


def figures(project, choice=USUAL) -> list[dict[str, object]]:
    """What each rule would do, without zeros."""
    names = ("fits", "lost", "full", "here", "joins", "moves", "stays")
    rows = plan(project, choice).rules
    return [{n: getattr(row, n) for n in names if getattr(row, n)} for row in rows]


def people_in(cohort) -> set[int]:
    return set(cohort.memberships.values_list("participant", flat=True))


@pytest.fixture
def waves(project):
    return [CohortFactory(project=project, name=f"Wave {n}") for n in (1, 2)]


def test_the_first_rule_that_fits_wins_and_says_so(project, waves):
    sales = ParticipantFactory(project=project, department="Sales", country="DE")
    german = ParticipantFactory(project=project, country="DE")
    other = ParticipantFactory(project=project)
    left = ParticipantFactory(project=project, status=ParticipantStatus.LEFT, country="DE")
    ParticipantFactory(department="Sales", country="DE")
    rule(waves[0], "department", ["Sales", "Marketing"])
    rule(waves[1], "country", ["DE"])
    seen = plan(project)
    assert figures(project) == [{"fits": 1, "joins": 1}, {"fits": 2, "lost": 1, "joins": 1}]
    assert (seen.people, seen.nowhere, seen.outgrown) == (2, 1, 0)
    assert seen.moves == ((None, "Wave 1", 1), (None, "Wave 2", 1))
    assert Membership.objects.count() == 0
    done = apply(project)
    assert (done.joined, done.moved) == (2, 0)
    assert [people_in(wave) for wave in waves] == [{sales.pk}, {german.pk}]
    assert list(Membership.objects.values_list("placed_by", "placement_note").order_by("pk")) == [
        ("rule", "Rule 1: department is Sales or Marketing"),
        ("rule", "Rule 2: country is DE"),
    ]
    assert not {other.pk, left.pk} & set(Membership.objects.values_list("participant", flat=True))
    assert Event.objects.order_by("pk").last().sentence == (
        "Rules applied: 2 people placed, 0 of them out of another cohort."
    )
    assert figures(project) == [{"fits": 1, "here": 1}, {"fits": 2, "lost": 1, "here": 1}]


def test_another_order_moves_people_and_a_rule_turned_off_takes_nobody(project, waves):
    person = ParticipantFactory(project=project, department="Sales")
    first, second = rule(waves[0]), rule(waves[1], "department", ["Sales"])
    apply(project)
    move_rule(rule=second, direction="up", acting_user=None)
    assert plan(project).moves == (("Wave 1", "Wave 2", 1),)
    apply(project)
    assert people_in(waves[1]) == {person.pk}
    for one in (first, second):
        turn_rule(rule=one, is_on=False, acting_user=None)
    # Nobody is thrown out: whoever no rule fits any more is counted and stays.
    assert (plan(project).outgrown, plan(project).people) == (1, 0)
    assert people_in(waves[1]) == {person.pk}


@pytest.mark.parametrize(
    ("more", "reason", "tick"),
    [
        ({"placed_by": "hand"}, "hand", "hand"),
        ({"placed_by": "file"}, "hand", "hand"),
        ({"placed_by": "choice"}, "choice", "choice"),
        ({"placed_by": "deferral"}, "deferral", "deferral"),
        ({"placed_by": "rule", "participant__is_white_glove": True}, "white_glove", "white_glove"),
        ({"placed_by": "rule", "switched_at": AT}, "switched", None),
        ({"placed_by": "rule", "cohort__frozen_at": AT}, "frozen", None),
    ],
)
def test_who_stays_where_they_are_unless_ticked(project, waves, more, reason, tick):
    MembershipFactory(cohort__project=project, cohort__name="Old", **more)
    rule(waves[0])
    assert figures(project) == [{"fits": 1, "stays": {reason: 1}}]
    everything = PlacementChoice(also=frozenset(UNTICKED))
    if tick is None:
        assert figures(project, everything) == [{"fits": 1, "stays": {reason: 1}}]
        return
    assert figures(project, PlacementChoice(also=frozenset(UNTICKED) - {tick})) == figures(project)
    moved = [{"fits": 1, "moves": 1}]
    assert figures(project, PlacementChoice(also=frozenset({tick}))) == moved
    assert apply(project).moved == 0
    assert apply(project, everything).moved == 1


def test_white_glove_people_in_no_cohort_are_left_to_a_person(project, waves):
    ParticipantFactory(project=project, is_white_glove=True)
    rule(waves[0])
    assert figures(project) == [{"fits": 1, "stays": {"white_glove": 1}}]


def test_nobody_comes_into_a_frozen_cohort_unless_it_takes_them_in(project, waves):
    person, frozen = ParticipantFactory(project=project), waves[0]
    frozen.frozen_at = AT
    frozen.save()
    rule(frozen), rule(waves[1])
    assert figures(project) == [
        {"fits": 1, "stays": {"closed": 1}},
        {"fits": 1, "lost": 1},
    ]
    taking = PlacementChoice(taking_in=frozen.pk)
    other = ParticipantFactory(project=project, department="Sales")
    sales = rule(waves[1], "department", ["Sales"])
    for _step in range(2):
        move_rule(rule=sales, direction="up", acting_user=None)
    assert plan(project, taking).moves == ((None, frozen.name, 1),)
    apply(project, taking)
    assert people_in(frozen) == {person.pk}
    assert people_in(waves[1]) == set()
    assert other.memberships.count() == 0


def test_a_rule_of_a_cohort_that_has_switched_lets_the_next_one_take_people(project, waves):
    old = MembershipFactory(cohort=waves[0], switched_at=AT, placed_by="rule")
    rule(waves[0]), rule(waves[1])
    waves[0].status = CohortStatus.SWITCHED
    waves[0].save()
    new = ParticipantFactory(project=project)
    assert figures(project) == [{"fits": 2, "joins": 1, "stays": {"switched": 1}}]
    apply(project)
    assert [people_in(wave) for wave in waves] == [{old.participant_id}, {new.pk}]


def test_the_pilots_sample_is_not_in_the_waves(project, waves):
    pilot = CohortFactory(project=project, kind=CohortKind.PILOT, name="Pilot")
    people = ParticipantFactory.create_batch(400, project=project)
    rule(pilot, sample_percent=10), rule(waves[0])
    apply(project)
    sample = people_in(pilot)
    assert 15 <= len(sample) <= 65  # about 40: five standard deviations
    assert people_in(waves[0]) == {person.pk for person in people} - sample
    # The same people at every run, and a larger sample keeps them.
    Membership.objects.all().delete()
    apply(project)
    assert people_in(pilot) == sample
    CohortRule.objects.filter(cohort=pilot).update(sample_percent=30)
    apply(project)
    assert sample < people_in(pilot)


def test_attributes_and_managers(project, waves):
    third = ParticipantFactory(project=project, attributes={"Floor": "3"})
    ParticipantFactory(project=project, attributes={"Floor": "33"})
    mine = ParticipantFactory(project=project, manager="Boss@Example.org")
    rule(waves[0], "attribute", ["3"], attribute="Floor")
    rule(waves[1], "manager", ["boss@example.org"])
    apply(project)
    assert [people_in(wave) for wave in waves] == [{third.pk}, {mine.pk}]


def test_hostile_values_are_values(project, waves):
    nasty = "x'); DROP TABLE cohorts_cohort; -- %s {0} \\ ünï"
    person = ParticipantFactory(project=project, department=nasty, attributes={nasty: nasty})
    rule(waves[0], "department", [nasty], keep_together="department", sample_percent=100)
    rule(waves[1], "attribute", [nasty], attribute=nasty)
    apply(project)
    assert people_in(waves[0]) == {person.pk}


def test_groups_come_together_into_a_sample_and_into_places(project, waves):
    dice = random.Random(7)  # noqa: S311 - a fixed seed
    for number in range(40):
        for _person in range(dice.randint(1, 9)):
            ParticipantFactory(project=project, department=f"D{number}")
    ParticipantFactory.create_batch(20, project=project, department="")
    waves[0].capacity = 60
    waves[0].save()
    rule(waves[0], keep_together="department", sample_percent=60), rule(waves[1])
    apply(project)
    inside = people_in(waves[0])
    assert 40 <= len(inside) <= 60
    cells = Participant.objects.exclude(department="").values_list("department", "pk")
    split = Counter((department, pk in inside) for department, pk in cells)
    assert [name for name, is_in in split if is_in and (name, False) in split] == []
    # Nothing is left to do: who is here keeps the place at the next run.
    assert plan(project).people == 0


def test_who_finds_no_place_goes_where_the_next_rule_says(project, waves):
    waves[0].capacity = 5
    waves[0].save()
    ParticipantFactory.create_batch(8, project=project)
    rule(waves[0]), rule(waves[1])
    assert figures(project) == [
        {"fits": 8, "full": 3, "joins": 5},
        {"fits": 8, "lost": 5, "joins": 3},
    ]
    apply(project)
    assert [len(people_in(wave)) for wave in waves] == [5, 3]
    # Somebody new does not push anybody out.
    before = people_in(waves[0])
    ParticipantFactory.create_batch(3, project=project)
    assert apply(project).joined == 3
    assert (people_in(waves[0]), len(people_in(waves[1]))) == (before, 6)


def test_places_of_people_who_are_not_the_rules_are_not_given_away(project, waves):
    waves[0].capacity = 3
    waves[0].save()
    MembershipFactory.create_batch(2, cohort=waves[0])
    ParticipantFactory.create_batch(4, project=project, department="Sales")
    rule(waves[0], "department", ["Sales"])
    assert figures(project) == [{"fits": 4, "full": 3, "joins": 1}]
    assert apply(project).joined == 1


def test_a_plan_that_is_old_is_refused(project, waves):
    ParticipantFactory(project=project)
    rule(waves[0])
    digest = plan(project).digest
    person = ParticipantFactory(project=project)
    with pytest.raises(Conflict):
        apply_placement(project=project, choice=USUAL, expected=digest, acting_user=None)
    assign_people(
        cohort=waves[1], participants=Participant.objects.filter(pk=person.pk), acting_user=None
    )
    # As it was seen: the person is where no rule moves them.
    apply_placement(project=project, choice=USUAL, expected=digest, acting_user=None)
    ticked = PlacementChoice(also=frozenset({"hand"}))
    with pytest.raises(Conflict):
        apply_placement(
            project=project, choice=ticked, expected=plan(project).digest, acting_user=None
        )


def test_a_project_without_rules_has_an_empty_plan(project):
    ParticipantFactory(project=project)
    seen = plan(project)
    assert (seen.rules, seen.moves, seen.nowhere) == ((), (), 1)
    assert apply(project).joined == 0
