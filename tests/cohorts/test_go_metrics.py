"""What a go/no-go asks about one cohort."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from cohorts.enums import CohortKind, ModeState
from cohorts.go_metrics import (
    cohort_people,
    open_blockers,
    people_without_address,
    previous_verified,
)
from cohorts.models import Cohort, Membership, Problem
from projects.metrics import Reading
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory

pytestmark = pytest.mark.django_db
AT = datetime(2038, 3, 1, 9, 0, tzinfo=UTC)
FIRST = date(2038, 5, 3)


def of(cohort: Cohort) -> dict[str, int]:
    return {"cohort": cohort.pk}


def wave(project: Project, number: int, **more) -> Cohort:
    switch_on = FIRST + timedelta(days=14 * number)
    return CohortFactory(
        project=project,
        kind=CohortKind.WAVE,
        name=f"Wave {number}",
        position=number,
        switch_on=switch_on,
        ends_on=switch_on + timedelta(days=7),
        **more,
    )


def fill(cohort: Cohort, *states: str) -> list[Membership]:
    return [MembershipFactory(cohort=cohort, mode_state=state) for state in states]


def left(membership: Membership) -> None:
    membership.participant.status = "left"
    membership.participant.save()


def test_people_are_those_of_the_cohort(project):
    one, two = wave(project, 1), wave(project, 2)
    assert cohort_people(project, of(one), AT) == Reading(Decimal(0), 0)
    rows = fill(one, "waiting", "waiting", "waiting")
    fill(two, "waiting")
    left(rows[0])
    assert cohort_people(project, of(one), AT) == Reading(Decimal(2), 2)
    assert cohort_people(project, {}, AT) == Reading(Decimal(3), 3)


@pytest.mark.parametrize(
    ("upn", "mail", "is_without"),
    [
        ("anna@example.org", "", False),
        ("", "anna@example.org", False),
        ("", "", True),
    ],
)
def test_people_whom_no_mail_can_reach(upn, mail, is_without, project):
    one, two = wave(project, 1), wave(project, 2)
    good = ParticipantFactory(project=project)
    person = ParticipantFactory(project=project, key="k", upn=upn, mail=mail)
    for who in (good, person):
        MembershipFactory(cohort=one, participant=who)
    other = ParticipantFactory(project=project, key="o", upn="", mail="")
    MembershipFactory(cohort=two, participant=other)
    found = people_without_address(project, of(one), AT)
    assert found == Reading(Decimal(is_without), 2)
    assert people_without_address(project, {}, AT) == Reading(Decimal(1 + is_without), 3)


def test_blockers_are_open_problems_of_people_in_the_cohort(project):
    one, two = wave(project, 1), wave(project, 2)
    person = fill(one, "waiting")[0].participant
    other = fill(two, "waiting")[0].participant
    gone = fill(one, "waiting")[0]
    left(gone)
    for who, is_blocking, status in (
        (person, True, "open"),
        (person, False, "open"),
        (person, True, "solved"),
        (gone.participant, True, "open"),
        (other, True, "open"),
        (other, True, "open"),
    ):
        Problem.objects.create(participant=who, text="x", is_blocking=is_blocking, status=status)
    assert open_blockers(project, of(one), AT) == Reading(Decimal(1), 1)
    assert open_blockers(project, of(two), AT) == Reading(Decimal(2), 2)
    assert open_blockers(project, {}, AT) == Reading(Decimal(3), 3)


def test_first_cohort_has_nobody_before_it(project):
    one = wave(project, 1)
    fill(one, "waiting")
    assert previous_verified(project, of(one), AT) == Reading(Decimal(100), 0)
    assert previous_verified(project, {}, AT) is None
    assert previous_verified(project, {"cohort": 10**9}, AT) is None


def test_cohort_before_is_the_last_one_with_people(project):
    pilot = CohortFactory(
        project=project, kind="pilot", name="Pilot", position=0, switch_on=FIRST, ends_on=FIRST
    )
    one, two, three = (wave(project, number) for number in (1, 2, 3))
    fill(pilot, "verified", "drift")
    assert previous_verified(project, of(one), AT) == Reading(Decimal(50), 2)
    assert previous_verified(project, of(two), AT) == Reading(Decimal(50), 2)  # nobody in one
    rows = fill(one, *[ModeState.VERIFIED] * 2, "waiting", "verified", "not_applicable")
    left(rows[3])
    fill(three, "drift")
    assert previous_verified(project, of(two), AT) == Reading(Decimal("66.66"), 3)
    fill(two, "verified")
    assert previous_verified(project, of(three), AT) == Reading(Decimal(100), 1)
    Cohort.objects.filter(pk=two.pk).update(status="cancelled")
    assert previous_verified(project, of(three), AT) == Reading(Decimal("66.66"), 3)


def test_cohort_before_on_the_same_day_is_the_one_further_up(project):
    one, two = wave(project, 1), wave(project, 2)
    Cohort.objects.filter(pk=two.pk).update(switch_on=one.switch_on)
    fill(one, "verified")
    fill(two, "drift")
    assert previous_verified(project, of(two), AT) == Reading(Decimal(100), 1)
    assert previous_verified(project, of(one), AT) == Reading(Decimal(100), 0)


def test_other_projects_are_not_asked(project, foreign_project):
    theirs = wave(foreign_project, 1)
    fill(theirs, "verified", "drift")
    mine = wave(project, 2)
    assert cohort_people(project, of(theirs), AT) == Reading(Decimal(0), 0)
    assert people_without_address(project, of(theirs), AT) == Reading(Decimal(0), 0)
    assert previous_verified(project, of(mine), AT) == Reading(Decimal(100), 0)
    assert previous_verified(project, of(theirs), AT) is None
